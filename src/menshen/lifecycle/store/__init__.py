"""What `lifecycle` reads and writes outside its verbs: files of customers, and the scratch of an import."""
