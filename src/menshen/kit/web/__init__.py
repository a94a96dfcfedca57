"""The web ground: who asks, what a route is, the guard before every route, pages and forms."""
