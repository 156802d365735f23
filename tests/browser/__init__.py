"""Pages in a real Chromium, at 1440 and 390 pixels, without a mouse too."""
