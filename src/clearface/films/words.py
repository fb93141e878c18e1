"""Times of a film in words."""


def clock(seconds: float) -> str:
    """Such as 0:12:31; with hundredths below a minute: 0:00:07.25."""
    whole = round(max(seconds, 0.0), 2)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(int(minutes), 60)
    if whole < 60:
        return f"0:00:{rest:05.2f}"
    return f"{hours}:{minutes:02d}:{int(rest):02d}"
