"""Tools of the build, called by the Makefile; nothing here is part of the product."""
