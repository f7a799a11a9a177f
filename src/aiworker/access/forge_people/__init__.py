"""Who people of the forge are here: by their login there, and what they may do here."""
