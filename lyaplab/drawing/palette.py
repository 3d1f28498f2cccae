"""The colours of every picture: one table of roles, in a light and a dark dress.

Marks never name a colour, they name a *role* ("orbit", "stable", "basin-2"). In the page a role is a
CSS variable, so that a change of theme needs no message to the kernel; in a still picture it is the
colour of the theme asked for. ``tests/widgets/test_palette.py`` measures that every role can be seen
on its paper and that roles which share a shape stay apart for colour-blind eyes.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from lyaplab.errors import unknown

__all__ = ["ROLES", "THEMES", "Role", "Theme", "colour", "themes", "variable", "variables"]

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")


class Role(NamedTuple):
    """One role: its colour in both themes, and what the eye has to do with it.

    ``use`` is "text" (must be read: contrast 4.5), "graphic" (must be seen: contrast 3) or "quiet"
    (paper, hairlines: nothing depends on them).
    """

    use: Literal["text", "graphic", "quiet"]
    light: str
    dark: str


ROLES: dict[str, Role] = {
    # the sheet
    "paper": Role("quiet", "#ffffff", "#111418"),
    "grid": Role("quiet", "#d8dee6", "#2a313b"),
    "ink": Role("text", "#1f2933", "#e6eaf0"),
    "muted": Role("text", "#5f6c7b", "#a3afbd"),
    "warn": Role("text", "#b42318", "#ff9b8f"),
    "accent": Role("text", "#1d5fbf", "#7db2ff"),
    # lines
    "arrow": Role("graphic", "#7b899a", "#7f8ea2"),
    "orbit": Role("graphic", "#111827", "#f5f7fa"),
    "first": Role("graphic", "#c2410c", "#ff9a62"),
    "second": Role("graphic", "#1d5fbf", "#7db2ff"),
    "third": Role("graphic", "#0f766e", "#5eead4"),
    # what is grabbed, and the kinds of a fixed point (which also differ in shape)
    "start": Role("graphic", "#7c3aed", "#c8a6ff"),
    "stable": Role("graphic", "#0f7b4f", "#4fd69a"),
    "saddle": Role("graphic", "#b45309", "#ffc266"),
    "unstable": Role("graphic", "#b91c1c", "#ff8585"),
    # along an orbit, from its slowest quarter to its fastest
    "speed-1": Role("graphic", "#20206b", "#6a5cff"),
    "speed-2": Role("graphic", "#3d7fe0", "#3fa7f5"),
    "speed-3": Role("graphic", "#149a7a", "#5fe0c0"),
    "speed-4": Role("graphic", "#d4700a", "#ffe08a"),
    # one colour an attractor: its disc, and (as a tint) its basin
    "basin-1": Role("graphic", "#1d5fbf", "#7db2ff"),
    "basin-2": Role("graphic", "#c2570c", "#ff9a62"),
    "basin-3": Role("graphic", "#14613c", "#7ff0c4"),
    "basin-4": Role("graphic", "#cc5a94", "#e0569a"),
    "basin-5": Role("graphic", "#4528d8", "#7756fb"),
}


def colour(role: str, theme: Theme = "light") -> str:
    """Give the colour of a role in a theme, as ``#rrggbb``.

    Examples
    --------
    >>> colour("orbit"), colour("orbit", "dark")
    ('#111827', '#f5f7fa')
    """
    if role not in ROLES:
        raise unknown("role", role, tuple(ROLES))
    if theme not in THEMES:
        raise unknown("theme", theme, THEMES)
    return ROLES[role].light if theme == "light" else ROLES[role].dark


def variable(role: str) -> str:
    """Give the CSS expression for a role, which follows the page's theme by itself.

    Examples
    --------
    >>> variable("start")
    'var(--lyap-start)'
    """
    if role not in ROLES:
        raise unknown("role", role, tuple(ROLES))
    return f"var(--lyap-{role})"


def variables(theme: Theme) -> str:
    """Write all roles of a theme as CSS declarations."""
    return "".join(f"--lyap-{role}:{colour(role, theme)};" for role in ROLES)


# A page that says which theme it wears decides; only where none does, the system's wish counts.
_DARK_PAGES = (
    "body[data-jp-theme-light='false']",
    "html[theme='dark']",
    "body.vscode-dark",
    "body.vscode-high-contrast:not(.vscode-high-contrast-light)",
)
_SILENT_PAGE = (
    "html:not([theme]) body:not([data-jp-theme-light])"
    ":not(.vscode-light):not(.vscode-high-contrast-light)"
)


def themes(selector: str) -> str:
    """Write the CSS that gives the elements of a selector the colours of the theme of their page.

    Parameters
    ----------
    selector : str
        Of one class, such as ``".lyap"``.

    Examples
    --------
    >>> themes(".lyap")[:30]
    '.lyap{--lyap-paper:#ffffff;--l'
    """
    dark = f"{{{variables('dark')}color-scheme:dark}}"
    return (
        f"{selector}{{{variables('light')}color-scheme:light}}"
        f"{','.join(f'{page} {selector}' for page in _DARK_PAGES)}{dark}"
        f"@media (prefers-color-scheme:dark){{{_SILENT_PAGE} {selector}{dark}}}"
    )
