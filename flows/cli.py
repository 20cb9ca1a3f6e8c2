"""The ``lienthong`` command: one verb a stage, plus the verbs of daily work."""

# No "from __future__ import annotations": typer evaluates the annotations of the commands, which name local types.

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from flows import verbs
from flows.failures import explain
from flows.texts import texts


def main(argv: list[str] | None = None) -> None:
    """Run the command and leave with its exit code."""
    arguments, lang = _language(list(sys.argv[1:] if argv is None else argv))
    sys.exit(run(arguments, lang))


def run(arguments: list[str], lang: str = "vi") -> int:
    """Run one command; its exit code. Nothing but a programmer's mistake gets past the messages of failures.py."""
    app = build_app(lang)
    try:
        code = app(arguments, standalone_mode=False, prog_name="lienthong")
        return code if isinstance(code, int) else 0
    except typer.Exit as leave:
        return leave.exit_code
    except TyperException as error:
        return verbs.say_usage(error, lang)
    except (KeyboardInterrupt, typer.Abort):
        verbs.say("Đã dừng theo yêu cầu. Sổ cái nguyên vẹn; chạy lại lệnh để làm tiếp.")
        return 130
    except Exception as error:
        message, code = explain(error)
        verbs.say(message)
        return code


def _language(arguments: list[str]) -> tuple[list[str], str]:
    """Take ``--lang`` out of the arguments, wherever it stands: help is printed before options are parsed."""
    lang = os.environ.get("LIENTHONG_LANG", "vi")
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--lang":
            lang = next(words, "vi")
        elif word.startswith("--lang="):
            lang = word.removeprefix("--lang=")
        else:
            rest.append(word)
    return rest, "en" if lang == "en" else "vi"


class VietnameseCommand(TyperCommand):
    """A verb whose help speaks Vietnamese where typer itself speaks."""

    def get_usage(self, ctx: Any) -> str:
        return _in_vietnamese(super().get_usage(ctx))

    def get_help_option(self, ctx: Any) -> Any:
        return _with_help_text(super().get_help_option(ctx))


class VietnameseGroup(TyperGroup):
    """The command itself, likewise."""

    def get_usage(self, ctx: Any) -> str:
        return _in_vietnamese(super().get_usage(ctx))

    def get_help_option(self, ctx: Any) -> Any:
        return _with_help_text(super().get_help_option(ctx))


def _in_vietnamese(usage: str) -> str:
    words = {"Usage: ": "Cách dùng: ", "[OPTIONS]": "[TÙY CHỌN]", "COMMAND [ARGS]...": "LỆNH [ĐỐI SỐ]..."}
    for english, vietnamese in words.items():
        usage = usage.replace(english, vietnamese, 1)
    return usage


def _with_help_text(option: Any) -> Any:
    if option is not None:
        option.help = "Hiện trợ giúp này."
    return option


def build_app(lang: str) -> typer.Typer:
    """The command line in one language."""
    say = texts(lang)
    _name_panels(lang)
    verb: type[TyperCommand] = TyperCommand if lang == "en" else VietnameseCommand
    app = typer.Typer(
        cls=TyperGroup if lang == "en" else VietnameseGroup,
        help=say["app"],
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    site = Annotated[Path, typer.Argument(help=say["arg_site"], metavar="SITE")]
    folder = Annotated[Path, typer.Argument(help=say["arg_dir"], metavar="DIR")]
    as_json = Annotated[bool, typer.Option("--json", help=say["opt_json"])]
    source = Annotated[list[str] | None, typer.Option("--source", help=say["opt_source"], metavar="S")]
    limit = Annotated[int, typer.Option("--limit", min=0, help=say["opt_limit"])]
    profile = Annotated[str, typer.Option("--profile", help=say["opt_profile"], metavar="P")]
    only_open = Annotated[bool, typer.Option("--open-only", help=say["opt_open"])]

    @app.callback()
    def root(_lang: Annotated[str, typer.Option("--lang", help=say["opt_lang"])] = "vi") -> None:
        pass

    @app.command("init", help=say["init"], cls=verb)
    def init(dir: folder, profile: profile = "opencps_v2") -> int:
        return verbs.init(dir, profile)

    @app.command("check", help=say["check"], cls=verb)
    def check(site: site, json: as_json = False) -> int:
        return verbs.check(site, as_json=json)

    @app.command("sheets", help=say["sheets"], cls=verb)
    def sheets(
        site: site,
        key: Annotated[str, typer.Argument(help=say["arg_sheet_key"], metavar="KEY")] = "",
        source: source = None,
        json: as_json = False,
    ) -> int:
        return verbs.sheets(site, key, tuple(source or ()), as_json=json)

    @app.command("doctor", help=say["doctor"], cls=verb)
    def doctor(site: site, json: as_json = False) -> int:
        return verbs.doctor(site, as_json=json)

    @app.command("sample", help=say["sample"], cls=verb)
    def sample(
        site: site,
        url: Annotated[str, typer.Option("--url", help=say["opt_url"])] = "",
        source: Annotated[str, typer.Option("--source", help=say["opt_source"], metavar="S")] = "",
        dossiers: Annotated[int, typer.Option("--dossiers", min=1, help=say["opt_dossiers"])] = 1000,
        seed: Annotated[int, typer.Option("--seed", help=say["opt_seed"])] = 1,
        clean: Annotated[bool, typer.Option("--clean", help=say["opt_clean"])] = False,
    ) -> int:
        return verbs.sample(site, source=source, url=url, dossiers=dossiers, seed=seed, is_clean=clean)

    @app.command("scan", help=say["scan"], cls=verb)
    def scan(
        site: site,
        source: Annotated[str, typer.Argument(help=say["arg_source"], metavar="SOURCE")],
        minutes: Annotated[float, typer.Option("--minutes", min=0.1, help=say["opt_minutes"])] = 5,
        profile: Annotated[str, typer.Option("--profile", help=say["opt_draft"], metavar="NAME")] = "",
        json: as_json = False,
    ) -> int:
        return verbs.scan(site, source, minutes=minutes, profile=profile, as_json=json)

    def add_stage(stage: str) -> None:
        @app.command(stage, help=say[stage], cls=verb)
        def run_stage(
            site: site, source: source = None, limit: limit = 0, open_only: only_open = False, json: as_json = False
        ) -> int:
            options = verbs.RunOptions(tuple(source or ()), (stage,), False, open_only, limit)
            return verbs.run_stages(site, stage, options, as_json=json)

    for stage in verbs.STAGES:
        add_stage(stage)

    @app.command("migrate", help=say["migrate"], cls=verb)
    def migrate(
        site: site,
        source: source = None,
        stage: Annotated[list[str] | None, typer.Option("--stage", help=say["opt_stage"])] = None,
        dry_run: Annotated[bool, typer.Option("--dry-run", help=say["opt_dry"])] = False,
        open_only: only_open = False,
        limit: limit = 0,
        json: as_json = False,
    ) -> int:
        options = verbs.RunOptions(tuple(source or ()), tuple(stage or ()), dry_run, open_only, limit)
        return verbs.migrate(site, options, as_json=json)

    @app.command("status", help=say["status"], cls=verb)
    def status(site: site, json: as_json = False) -> int:
        return verbs.status(site, as_json=json)

    @app.command("quarantine", help=say["quarantine"], cls=verb)
    def quarantine(
        site: site,
        action: Annotated[str, typer.Argument(help=say["arg_action"], metavar="[list|show|retry]")] = "list",
        key: Annotated[str, typer.Argument(help=say["arg_key"], metavar="KEY")] = "",
        code: Annotated[str, typer.Option("--code", help=say["opt_code"])] = "",
        csv: Annotated[Path | None, typer.Option("--csv", help=say["opt_csv"])] = None,
        json: as_json = False,
    ) -> int:
        return verbs.quarantine(site, action, key, code=code, csv_file=csv, as_json=json)

    @app.command("explain", help=say["explain"], cls=verb)
    def explain(
        site: site,
        code: Annotated[str, typer.Argument(help=say["arg_explain"], metavar="CODE")],
        source: source = None,
        mask: Annotated[bool, typer.Option("--mask/--no-mask", help=say["opt_mask"])] = True,
        html: Annotated[Path | None, typer.Option("--html", help=say["opt_html"])] = None,
        json: as_json = False,
    ) -> int:
        return verbs.explain(site, code, tuple(source or ()), is_masked=mask, as_json=json, html=html)

    @app.command("decide", help=say["decide"], cls=verb)
    def decide(
        site: site,
        action: Annotated[str, typer.Argument(help=say["arg_decide"], metavar="[list|add]")] = "list",
        to: Annotated[str, typer.Option("--to", help=say["opt_to"])] = "",
        procedure_to: Annotated[str, typer.Option("--procedure-to", help=say["opt_procedure_to"])] = "",
        author: Annotated[str, typer.Option("--author", help=say["opt_author"])] = "",
        note: Annotated[str, typer.Option("--note", help=say["opt_note"])] = "",
        cause: Annotated[str, typer.Option("--cause", help=say["opt_code"])] = "",
        procedure: Annotated[list[str] | None, typer.Option("--procedure", help=say["opt_procedure"])] = None,
        agency: Annotated[list[str] | None, typer.Option("--agency", help=say["opt_agency"])] = None,
        village: Annotated[list[str] | None, typer.Option("--village", help=say["opt_village"])] = None,
        address: Annotated[list[str] | None, typer.Option("--address", help=say["opt_address"])] = None,
        dossier: Annotated[list[str] | None, typer.Option("--dossier", help=say["opt_dossier"])] = None,
        json: as_json = False,
    ) -> int:
        lists = (tuple(words or ()) for words in (procedure, agency, village, address, dossier))
        return verbs.decide(
            site, action, verbs.NewDecision(author, note, to, procedure_to, cause, *lists), as_json=json
        )

    @app.command("states", help=say["states"], cls=verb)
    def states(
        site: site,
        action: Annotated[str, typer.Argument(help=say["arg_states"], metavar="[list|approve|draft|try]")] = "list",
        owner: Annotated[str, typer.Option("--owner", help=say["opt_owner"])] = "",
        process: Annotated[str, typer.Option("--process", help=say["opt_process"])] = "",
        step: Annotated[str, typer.Option("--step", help=say["opt_step"])] = "",
        decide: Annotated[str, typer.Option("--action", help=say["opt_case_action"])] = "",
        json: as_json = False,
    ) -> int:
        return verbs.case_states(site, action, owner, verbs.Choice(process, step, decide), as_json=json)

    @app.command("twins", help=say["twins"], cls=verb)
    def twins(
        site: site,
        action: Annotated[str, typer.Argument(help=say["arg_twins"], metavar="[list|same|different]")] = "list",
        dossiers: Annotated[list[str] | None, typer.Argument(help=say["arg_pair"], metavar="[SOURCE/KEY]...")] = None,
        code: Annotated[str, typer.Option("--code", help=say["opt_shared_code"])] = "",
        author: Annotated[str, typer.Option("--author", help=say["opt_author"])] = "",
        note: Annotated[str, typer.Option("--note", help=say["opt_note"])] = "",
        csv: Annotated[Path | None, typer.Option("--csv", help=say["opt_csv"])] = None,
        json: as_json = False,
    ) -> int:
        new = verbs.NewPair(action, author, note, tuple(dossiers or ()), code)
        return verbs.pairs(site, action, new, csv_file=csv, as_json=json)

    @app.command("whatif", help=say["whatif"], cls=verb)
    def whatif(
        site: site,
        against: Annotated[str, typer.Option("--against", help=say["opt_against"])],
        source: source = None,
        csv: Annotated[Path | None, typer.Option("--csv", help=say["opt_csv"])] = None,
        json: as_json = False,
    ) -> int:
        return verbs.whatif(site, against, tuple(source or ()), csv_file=csv, as_json=json)

    @app.command("review", help=say["review"], cls=verb)
    def review(
        site: site,
        out: Annotated[Path | None, typer.Option("--out", help=say["opt_out"], metavar="DIR")] = None,
        book: Annotated[Path | None, typer.Option("--import", help=say["opt_import"], metavar="FILE")] = None,
        approve: Annotated[str, typer.Option("--approve", help=say["opt_approve"], metavar="LIST")] = "",
        author: Annotated[str, typer.Option("--author", help=say["opt_author"])] = "",
        note: Annotated[str, typer.Option("--note", help=say["opt_note"])] = "",
        code: Annotated[str, typer.Option("--code", help=say["opt_prefix"], metavar="PREFIX")] = "",
        min_score: Annotated[int | None, typer.Option("--min-score", min=0, max=100, help=say["opt_score"])] = None,
        min_dossiers: Annotated[int, typer.Option("--min-dossiers", min=0, help=say["opt_min_dossiers"])] = 0,
        json: as_json = False,
    ) -> int:
        wanted = verbs.Approval(approve, author, note, code, min_score, min_dossiers) if approve else None
        return verbs.review(site, out, book, wanted, as_json=json)

    @app.command("report", help=say["report"], cls=verb)
    def report(site: site, json: as_json = False) -> int:
        return verbs.report(site, as_json=json)

    @app.command("schema", help=say["schema"], cls=verb)
    def schema() -> int:
        return verbs.schema()

    @app.command("receiver", help=say["receiver"], cls=verb)
    def receiver(
        site: Annotated[Path | None, typer.Argument(help=say["arg_site"], metavar="[SITE]")] = None,
        database: Annotated[str, typer.Option("--database", help=say["opt_database"])] = "",
        host: Annotated[str, typer.Option("--host", help=say["opt_host"])] = "127.0.0.1",
        port: Annotated[int, typer.Option("--port", help=say["opt_port"])] = 8080,
        token_env: Annotated[str, typer.Option("--token-env", help=say["opt_token_env"])] = "NEW_TOKEN",
        read_token_env: Annotated[str, typer.Option("--read-token-env", help=say["opt_read_token_env"])] = "",
    ) -> int:
        return verbs.receiver(site, database, host, port, token_env, read_token_env)

    @app.command("serve", help=say["serve"], cls=verb)
    def serve(
        site: site,
        host: Annotated[str, typer.Option("--host", help=say["opt_host"])] = "127.0.0.1",
        port: Annotated[int, typer.Option("--port", help=say["opt_port"])] = 4200,
    ) -> int:
        return verbs.serve(site, host, port)

    @app.command("demo", help=say["demo"], cls=verb)
    def demo(
        dir: folder,
        dossiers: Annotated[int, typer.Option("--dossiers", min=200, help=say["opt_dossiers"])] = 2000,
        seed: Annotated[int, typer.Option("--seed", help=say["opt_seed"])] = 1,
        prepare: Annotated[bool, typer.Option("--prepare", help=say["opt_prepare"])] = False,
        profile: profile = "opencps_v2",
    ) -> int:
        return verbs.demo(dir, dossiers=dossiers, seed=seed, profile=profile, prepare_only=prepare)

    return app


def _name_panels(lang: str) -> None:
    """Head the boxes of rich help in the chosen language (typer keeps these words as module constants)."""
    english = {
        "ARGUMENTS_PANEL_TITLE": "Arguments",
        "OPTIONS_PANEL_TITLE": "Options",
        "COMMANDS_PANEL_TITLE": "Commands",
        "DEFAULT_STRING": "[default: {}]",
        "REQUIRED_LONG_STRING": "[required]",
    }
    vietnamese = {
        "ARGUMENTS_PANEL_TITLE": "Đối số",
        "OPTIONS_PANEL_TITLE": "Tùy chọn",
        "COMMANDS_PANEL_TITLE": "Lệnh",
        "DEFAULT_STRING": "[mặc định: {}]",
        "REQUIRED_LONG_STRING": "[bắt buộc]",
    }
    for name, word in (english if lang == "en" else vietnamese).items():
        setattr(rich_utils, name, word)


if __name__ == "__main__":
    main()
