"""One request of anybody: which language, and what every page needs to be shown. Nobody is known here."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from fengqiao.domain.words import Language, word
from fengqiao.web.citizen.texts import text
from fengqiao.web.templating import HTML_LANG, language_of

TEMPLATES = Path(__file__).resolve().parent / "templates"


@dataclass(frozen=True, slots=True)
class CitizenVisit:
    """One request."""

    request: Request
    environment: Environment
    assets: Mapping[str, str]

    @property
    def language(self) -> Language:
        """The language of the address, else Chinese; nothing is remembered."""
        return language_of(self.query("lang"))

    @property
    def html_lang(self) -> str:
        """The language of the page as HTML names it."""
        return HTML_LANG[self.language]

    @property
    def other_html_lang(self) -> str:
        """The other language as HTML names it."""
        return HTML_LANG[self._other]

    @property
    def other_language_url(self) -> str:
        """This page in the other language."""
        kept = [(name, value) for name, value in self.request.query_params.multi_items() if name != "lang"]
        # Two slashes at the beginning would name another host.
        path = "/" + quote(self.request.url.path.lstrip("/"))
        return f"{path}?{urlencode([*kept, ('lang', self._other.value)])}"

    @property
    def _other(self) -> Language:
        return Language.EN if self.language is Language.ZH else Language.ZH

    def t(self, key: str, **params: object) -> str:
        """Give a text of the catalogue in the language of the visit."""
        return text(key, self.language, **{name: str(value) for name, value in params.items()})

    def word(self, key: str) -> str:
        """Give a word of the field in the language of the visit."""
        return word(key, self.language)

    def query(self, name: str) -> str:
        """Give a parameter of the address, empty when it is not there."""
        return self.request.query_params.get(name, "")

    def url(self, *parts: str, **values: str) -> str:
        """Give the address of a page, in the language of the visit."""
        path = "/" + "/".join(quote(part, safe="") for part in parts)
        kept = values | ({"lang": self.language.value} if self.language is not Language.ZH else {})
        return f"{path}?{urlencode(kept)}" if kept else path

    def asset(self, name: str) -> str:
        """Give the address of a static file, with its version."""
        return f"/static/{name}?v={self.assets[name]}"

    def page(self, template: str, /, status: int = 200, **values: Any) -> Response:
        """Render a page."""
        body = self.environment.get_template(template).render(visit=self, **values)
        response = HTMLResponse(body, status_code=status)
        response.headers["Content-Language"] = self.html_lang
        return response
