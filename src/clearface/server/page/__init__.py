"""The page people see: HTML, styles and scripts, all served from here."""
