"""Who operates the house: invitations, roles, and running what can be done to a customer."""
