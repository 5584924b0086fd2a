"""The colours of what the dialog draws itself, on pictures of any colour and in any theme."""

WHITE, BLACK = 0xFFFFFFFF, 0x000000FF
SIGN, SIGN_PAPER = "#FFFFFF", "#000000C8"
"""Stars and marks on pictures; the paper lets a little of the picture through."""


def sign_of(text: str, size: str = "medium") -> str:
    """A sign on a picture, as Pango's markup."""
    span = '<span foreground="{ink}" background="{paper}" size="{size}">{text}</span>'
    return span.format(ink=SIGN, paper=SIGN_PAPER, size=size, text=text)
