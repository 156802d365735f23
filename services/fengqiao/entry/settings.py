"""Settings: options, then `FENGQIAO_…` variables, then a TOML file; checked before anything opens (DESIGN section 11).

Where systemd hands a service credentials (`LoadCredential=`), a file `fengqiao_secret` among them is the setting
`secret`: after the variables and before the TOML file, so that no secret has to stand in either.

Only the entry reads configuration. The rooms are given values.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from fengqiao.bus.kafka_access import KafkaAccess
from fengqiao.domain.errors import Kind, Refusal, Violation
from fengqiao.handlers.fact import LEAST_KEPT_MONTHS

FILE_VARIABLE = "FENGQIAO_SETTINGS"
FILE_NAME = "fengqiao.toml"
# The name is systemd's; it sets the variable for a service that has LoadCredential=.
CREDENTIALS_VARIABLE = "CREDENTIALS_DIRECTORY"
CENTRE_MARK = "{centre}"


Listed = Annotated[tuple[str, ...], NoDecode]
"""Several values; in a variable or an option they are set apart by commas."""


class Settings(BaseSettings):
    """Everything that differs from place to place. Each field's description is its documentation."""

    model_config = SettingsConfigDict(env_prefix="FENGQIAO_", extra="forbid", frozen=True)

    topology: str = Field(
        default="", description="The list of centres (code,level,name,parent); it has to exist when it is named."
    )
    topology_files: Listed = Field(
        default=(),
        description="Lists of centres (code,level,name,parent); the first that exists is used, else a made city.",
    )
    units_file: str = Field(default="", description="Handling units by level as TOML; empty: the list of the package.")
    handbook_file: str = Field(
        default="", description="Catalogue of matters and the days of the loop as TOML; empty: that of the package."
    )
    limits_file: str = Field(default="", description="Time limits as TOML; empty: the table of the package.")
    supervision_file: str = Field(
        default="", description="Levels of supervision and points as TOML; empty: the table of the package."
    )
    calendar_files: Listed = Field(
        default=(), description="Notices on holidays and make-up workdays as TOML, one a year, laid over the package's."
    )
    database: str = Field(
        default="host=127.0.0.1 port=5432 user=postgres dbname=fengqiao_{centre}",
        description="libpq connection string; {centre} is replaced by the code of the centre.",
    )
    database_connections: int = Field(default=6, ge=2, le=100, description="Connections that one node may open.")
    kafka: Listed = Field(default=("127.0.0.1:9092",), description="Bootstrap servers of Kafka as host:port.")
    kafka_username: str = Field(default="", description="User of Kafka by SCRAM-SHA-512; empty: none.")
    kafka_password: str = Field(default="", description="Password of that user.")
    kafka_ca_file: str = Field(
        default="", description="Certificates that the brokers are trusted by, as PEM; with it Kafka is encrypted."
    )
    parent: str = Field(
        default="{centre}:7400",
        description="host:port of a centre's parent; {centre} is replaced by the parent's code. When the parent has "
        "several processes, that of each, set apart by commas.",
    )
    federation: str = Field(
        default="",
        description="host:port of every centre's gRPC for import, replay and story; {centre} is replaced by its code; "
        "or code=host:port of each centre that runs, set apart by commas; empty: the local stack.",
    )
    bind: str = Field(default="127.0.0.1", description="Address on which the listeners of this process bind.")
    grpc_port: int = Field(default=0, ge=0, le=65535, description="gRPC port of a node hosted alone; 0: any free one.")
    desk_port: int = Field(default=0, ge=0, le=65535, description="Port of the desk; 0: any free one.")
    citizen_port: int = Field(
        default=0, ge=0, le=65535, description="Port of the citizens' pages; 0: they are not shown."
    )
    ops_port: int = Field(default=0, ge=0, le=65535, description="Port of probes and metrics; 0: any free one.")
    replica: str = Field(
        default="0",
        description="Name of this process in Kafka's groups, in leases and on Links, kept over restarts. Several "
        "processes of a centre need a name each, and one `secret`; they share its work.",
    )
    poll_seconds: float = Field(
        default=2.0,
        gt=0,
        le=60,
        description="How often an idle relay looks for what other processes of its centre wrote.",
    )
    facts_months: int = Field(
        default=36,
        ge=LEAST_KEPT_MONTHS,
        le=1200,
        description="How many months county and city keep the facts of closed cases; after that only their sums stay.",
    )
    data: str = Field(default="", description="Folder of the local stack; empty: the user's data folder.")
    cache: str = Field(default="", description="Folder of Kafka's libraries; empty: the user's cache folder.")
    demo: bool = Field(default=False, description="Seed accounts whose passwords are shown on the sign-in page.")
    secret: str = Field(
        default="", description="Signs form tokens, at least 32 characters; empty: drawn at every start."
    )
    secure_cookies: bool = Field(default=True, description="Cookies over TLS only; off on a laptop.")
    log_json: bool = Field(default=True, description="Logs as JSON lines; off: words for a person at a terminal.")
    log_level: str = Field(default="INFO", description="Least level of the log lines that are written.")

    @field_validator("topology_files", "calendar_files", "kafka", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("kafka_ca_file")
    @classmethod
    def _is_there(cls, value: str) -> str:
        if value and not Path(value).is_file():
            raise ValueError(f"there is no file {value}")
        return value

    def kafka_access(self) -> KafkaAccess:
        """Give how to show Kafka who we are."""
        return KafkaAccess(self.kafka_username, self.kafka_password, self.kafka_ca_file)

    def database_of(self, centre: str) -> str:
        """Give the connection string of a centre."""
        return self.database.replace(CENTRE_MARK, centre)

    def parent_of(self, parent: str) -> str:
        """Give the address at which a parent's gRPC is reached."""
        return self.parent.replace(CENTRE_MARK, parent)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is that of the library
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options come first, then variables, then credentials, then the file."""
        found = settings_file(os.environ, Path.cwd())
        from_file = (TomlConfigSettingsSource(settings_cls, toml_file=found),) if found else ()
        folder = os.environ.get(CREDENTIALS_VARIABLE)
        credentials = (SecretsSettingsSource(settings_cls, secrets_dir=folder),) if folder else ()
        return (init_settings, env_settings, *credentials, *from_file)


def settings_file(environment: Mapping[str, str], folder: Path) -> Path | None:
    """Find the TOML file: the one FENGQIAO_SETTINGS names, `fengqiao.toml` here, or that of the source checkout."""
    if named := environment.get(FILE_VARIABLE):
        if not Path(named).is_file():
            raise Refusal(Kind.NOT_FOUND, "file_missing", {"path": named})
        return Path(named)
    checkout = Path(__file__).parents[3]
    candidates = [folder / FILE_NAME]
    if (checkout / "pyproject.toml").is_file():
        candidates.append(checkout / FILE_NAME)
    return next((path for path in candidates if path.is_file()), None)


def load_settings(**options: Any) -> Settings:
    """Read the settings; raises INVALID settings_wrong with every wrong one. Options that are None are not given."""
    try:
        return Settings(**{name: value for name, value in options.items() if value is not None})
    except ValidationError as error:
        faults = tuple(
            Violation(
                ".".join(str(part) for part in fault["loc"]),
                "settings_wrong",
                {"name": ".".join(str(part) for part in fault["loc"]), "detail": fault["msg"]},
            )
            for fault in error.errors()
        )
        raise Refusal(Kind.INVALID, "input_invalid", {"count": str(len(faults))}, faults) from error
    except ValueError as error:
        raise Refusal(Kind.INVALID, "settings_wrong", {"name": FILE_NAME, "detail": str(error)}) from error
