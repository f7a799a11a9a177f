"""What modules say about types of robots: what input they take, what of it is sensitive, how often to try."""
