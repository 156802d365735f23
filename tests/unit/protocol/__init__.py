"""The protocol between centres as a whole: pure nodes on a network that loses, doubles, delays and reorders."""
