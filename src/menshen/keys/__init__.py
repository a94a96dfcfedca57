"""The room `keys`: the key ring, who keeps its lid, and sealing."""
