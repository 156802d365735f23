"""One request at one centre: who asks, in which language, and what every page needs to be shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from fengqiao.domain.topology import Centre
from fengqiao.domain.unit import UnitDirectory
from fengqiao.domain.words import Language, word
from fengqiao.handlers.context import Actor, Context
from fengqiao.store.accounts import Account
from fengqiao.web.desk.modules import MODULES, Place, module_of, place_of
from fengqiao.web.desk.node import Desk, DeskNode, LinkView
from fengqiao.web.desk.texts import text
from fengqiao.web.desk.times import moment
from fengqiao.web.templating import HTML_LANG
from fengqiao.web.templating import language_of as language_named

TEMPLATES = Path(__file__).resolve().parent / "templates"
LANGUAGE_COOKIE = "language"
NOTICE_COOKIE = "notice"
LANGUAGE_SECONDS = 365 * 24 * 3600
OUTSIDE_ROLES = frozenset({"delegates", "media", "discipline"})
ROLES = frozenset({"desk_officer", "dispatcher", "handling_officer", "deputy_head", "supervisor"}) | OUTSIDE_ROLES
NOTICES = frozenset(
    {"registered", "done", "issued", "replayed", "dropped", "published", "saved", "forgotten", "queue_empty"}
)
"""What a page may say after a redirect; a cookie can name only one of these."""


@dataclass(frozen=True, slots=True)
class Shop:
    """What all visits share: the desk, its templates, and the versions of its static files."""

    desk: Desk
    environment: Environment
    assets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CutOff:
    """The calm banner while the parent can't be reached."""

    title: str
    text: str


@dataclass
class Visit:
    """One request. `node` and `account` are None on pages that belong to no centre or need no sign-in."""

    shop: Shop
    request: Request
    language: Language
    now: datetime
    node: DeskNode | None = None
    account: Account | None = None
    form_token: str = ""
    form: FormData | None = None

    @property
    def context(self) -> Context:
        """The handlers' context of the centre."""
        if self.node is None:
            raise LookupError("this page belongs to no centre")
        return self.node.context

    @property
    def has_centre(self) -> bool:
        """Whether the page belongs to a centre."""
        return self.node is not None

    @property
    def centre(self) -> Centre:
        """The centre that is visited."""
        return self.context.centre

    @property
    def units(self) -> UnitDirectory:
        """The units of all levels."""
        return self.context.units

    @property
    def actor(self) -> Actor:
        """The person who is signed in, as the handlers know them."""
        return Actor(self.account.name if self.account else "")

    @property
    def children(self) -> tuple[str, ...]:
        """The codes of the centres below."""
        return self.context.topology.children(self.centre.code)

    @property
    def is_outside(self) -> bool:
        """Whether the person belongs to a body outside the chain, which sees what it was granted and nothing else."""
        bodies = OUTSIDE_ROLES | self.context.supervision.outside_bodies()
        return self.account is not None and self.account.role in bodies

    @property
    def home(self) -> str:
        """The page where a person's work begins."""
        return self.url("access" if self.is_outside else "work")

    @property
    def section(self) -> str:
        """The first part of the address behind the centre."""
        return self.request.url.path.split("/")[2]

    @property
    def place(self) -> Place | None:
        """The page of the navigation that the address is in."""
        _, _, path, *rest = self.request.url.path.split("/")
        return place_of(path, rest[0] if rest else self.query("view"))

    @property
    def modules(self) -> Sequence[tuple[str, str, bool]]:
        """The modules, each with the address of its first page and whether it is the one that is shown."""
        if self.is_outside:
            return [("access", self.home, self.section == "access")]
        current = module_of(self.place)
        return [(name, self.place_url(self._shown(places)[0]), name == current) for name, places in MODULES.items()]

    @property
    def pages(self) -> Sequence[tuple[str, str, bool]]:
        """The pages of the module that is shown, when it has several."""
        places, shown = self._shown(MODULES.get(module_of(self.place), ())), self.place
        return [(one.name, self.place_url(one), one == shown) for one in places] if len(places) > 1 else []

    def _shown(self, places: Sequence[Place]) -> Sequence[Place]:
        return [place for place in places if self.children or not place.above]

    def place_url(self, place: Place) -> str:
        """Give the address of a page of the navigation."""
        return self.url(place.path) + place.rest

    def safe_path(self, path: str, home: str) -> str:
        """Give a path that a form has sent when it is a page of this centre: others could lead to another host."""
        return path if path.startswith(self.url("")) and "//" not in path and "\\" not in path else home

    @property
    def html_lang(self) -> str:
        """The language of the page as HTML names it."""
        return HTML_LANG[self.language]

    @property
    def other_html_lang(self) -> str:
        """The other language as HTML names it."""
        return HTML_LANG[self._other_language]

    @property
    def other_language_url(self) -> str:
        """This page in the other language."""
        kept = [(name, value) for name, value in self.request.query_params.multi_items() if name != "lang"]
        path = self.request.url.path if self.request.method == "GET" else self._safe_path()
        return f"{path}?{urlencode([*kept, ('lang', self._other_language.value)])}"

    @property
    def centre_name(self) -> str:
        """The name of the centre by itself."""
        return self.centre.name

    @property
    def centre_path(self) -> str:
        """The name of the centre behind that of its county."""
        topology, centre = self.context.topology, self.centre
        above = topology.centres.get(centre.parent or "")
        inner = [above.name] if above is not None and above.parent is not None else []
        return " · ".join([*inner, f"{centre.name}中心"])

    @cached_property
    def link(self) -> LinkView:
        """How the node stands to its parent."""
        if self.node is None:
            raise LookupError("this page belongs to no centre")
        return self.node.link()

    @property
    def link_word(self) -> str:
        """The word beside the link's shape."""
        return self.t("link.up") if self.link.connected else self.t("link.down")

    @property
    def link_sentence(self) -> str:
        """Since when the link stands as it does."""
        since = moment(self.link.since, self.now, self.language) if self.link.since else None
        kafka = "" if self.link.kafka else self.t("link.kafka_away")
        return " ".join(part for part in (self.link_word, since.absolute if since else "", kafka) if part)

    @property
    def cut_off(self) -> CutOff | None:
        """What the banner says while this centre is cut off from its parent."""
        if self.link.connected or self.centre.parent is None:
            return None
        parent = self.name_of(self.centre.parent)
        since = moment(self.link.since, self.now, self.language).absolute if self.link.since else self.t("cut.unknown")
        waiting = f"{self.link.waiting:,}"
        key = "cut.kafka" if self.link.kafka else "cut.text"
        return CutOff(self.t("cut.title", parent=parent, since=since), self.t(key, count=waiting, parent=parent))

    @property
    def notice(self) -> str:
        """What was just done, once, after a redirect."""
        name = self.request.cookies.get(NOTICE_COOKIE, "")
        return self.t(f"notice.{name}") if name in NOTICES else ""

    def t(self, key: str, **params: object) -> str:
        """Give a text of the catalogue in the language of the visit."""
        return text(key, self.language, **{name: str(value) for name, value in params.items()})

    def word(self, key: str) -> str:
        """Give a word of the field in the language of the visit."""
        return word(key, self.language)

    def query(self, name: str) -> str:
        """Give a parameter of the address, empty when it is not there."""
        return self.request.query_params.get(name, "")

    def name_of(self, code: str) -> str:
        """Give the name of a centre; the code itself when the list does not know it."""
        known = self.context.topology.centres.get(code)
        return known.name if known else code

    def unit_name(self, centre: str, code: str) -> str:
        """Give the name of a unit of a centre; the code itself when a list of another release had it."""
        known = self.context.topology.centres.get(centre)
        units = self.units.units(known) if known else ()
        found = next((unit for unit in units if unit.code == code), None)
        if found is None:
            return code
        return found.name if self.language is Language.ZH else found.name_en

    def role_name(self, role: str) -> str:
        """Give the word for a role; a role that the catalogue does not know is shown as it is."""
        return self.t(f"role.{role}") if role in ROLES else role

    def url(self, *parts: object) -> str:
        """Give the address of a page of this centre."""
        return "/" + "/".join(quote(str(part), safe="") for part in (self.centre.code, *parts))

    def asset(self, name: str) -> str:
        """Give the address of a static file, with its version."""
        return f"/static/{name}?v={self.shop.assets[name]}"

    def page(self, template: str, /, status: int = 200, **values: Any) -> Response:
        """Render a page."""
        body = self.shop.environment.get_template(template).render(visit=self, **values)
        response = HTMLResponse(body, status_code=status)
        response.headers["Content-Language"] = self.html_lang
        if self.request.cookies.get(NOTICE_COOKIE) and self.node is not None:
            response.delete_cookie(NOTICE_COOKIE, path=self.url(""))
        return response

    def go(self, path: str, notice: str = "") -> Response:
        """Send the browser on with GET after something was done (post, redirect, get)."""
        response = RedirectResponse(path, status_code=303)
        if notice:
            self.set_cookie(response, NOTICE_COOKIE, notice, 60)
        return response

    def set_cookie(self, response: Response, name: str, value: str, seconds: int) -> None:
        """Set a cookie that belongs to this centre alone."""
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path=self.url(""),
            httponly=True,
            samesite="lax",
            secure=self.shop.desk.settings.secure_cookies,
        )

    @property
    def _other_language(self) -> Language:
        return Language.EN if self.language is Language.ZH else Language.ZH

    def _safe_path(self) -> str:
        # A form that was refused is shown at its own address, which answers GET as well.
        return self.request.url.path


def language_of(request: Request) -> Language:
    """Give the language: that of the address, else that of the cookie, else Chinese."""
    wanted = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE, "")
    return language_named(wanted)


def keep_language(request: Request, response: Response) -> None:
    """Remember a language that the address asked for, for all centres."""
    wanted = request.query_params.get("lang", "")
    if wanted in Language.__members__.values():
        cookie = SimpleCookie({LANGUAGE_COOKIE: wanted})
        morsel = cookie[LANGUAGE_COOKIE]
        morsel["path"], morsel["max-age"], morsel["samesite"], morsel["httponly"] = "/", LANGUAGE_SECONDS, "Lax", True
        response.headers.append("set-cookie", morsel.OutputString())
