"""The repository tests itself: banned calls, sizes, names, places, licences, documents."""
