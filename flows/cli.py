"""The ``lienthong`` command: one verb a stage, plus the verbs of daily work."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from flows.failures import USAGE, explain
from flows.pipeline import STAGES
from flows.screen import say
from flows.verbs import options

VERBS: Final = (
    *("init", "check", "sheets", "doctor", "sample", "scan"),
    *STAGES,
    *("migrate", "status", "quarantine", "differences", "explain", "decide", "states", "twins", "whatif"),
    *("review", "wave", "rollback", "edxml", "report", "handcheck", "verify", "signoff", "minutes"),
    *("schema", "receiver", "serve", "demo"),
)
"""The verbs in the order of their help; each is a file of flows/verbs."""
SAYS: Final[options.Says] = {
    "lienthong": (
        "Chuyển hồ sơ nộp trước 01/7/2025 từ phần mềm một cửa cũ sang phần mềm mới, và chứng minh không mất hồ sơ "
        "nào.\n\nMã thoát: 0 khớp hết; 1 còn khác biệt hoặc cách ly; 2 gõ sai lệnh; 10 site hoặc hồ sơ cấu hình sai; "
        "11 không kết nối được hoặc đầy đĩa; 12 không đủ quyền.",
        "Move dossiers filed before 1 July 2025 from the old one-stop software into the new one, and prove that none "
        "was lost.\n\nExit codes: 0 all matched; 1 differences or quarantine remain; 2 usage; 10 site or profile "
        "wrong; 11 unavailable or disk full; 12 forbidden.",
    ),
    "lang": ("Ngôn ngữ của trợ giúp: vi hoặc en.", "Language of the help: vi or en."),
}


def main(argv: list[str] | None = None) -> None:
    """Run the command and leave with its exit code."""
    arguments, lang = _language(list(sys.argv[1:] if argv is None else argv))
    sys.exit(run(arguments, lang))


def run(arguments: list[str], lang: str = "vi") -> int:
    """Run one command; its exit code. Nothing but a programmer's mistake gets past the messages of failures.py."""
    asked = [word for word in arguments[:1] if word in VERBS]
    try:
        code = build_command(lang, asked or VERBS)(arguments, standalone_mode=False, prog_name="lienthong")
        return code if isinstance(code, int) else 0
    except typer.Exit as leave:
        return leave.exit_code
    except TyperException as error:
        return _say_usage(error, lang)
    except (KeyboardInterrupt, typer.Abort):
        say("Đã dừng theo yêu cầu. Sổ cái nguyên vẹn; chạy lại lệnh để làm tiếp.")
        return 130
    except Exception as error:
        message, code = explain(error)
        say(message)
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


def build_command(lang: str, verbs: Sequence[str] = VERBS) -> TyperGroup:
    """The command line in one language, with these verbs: only their files are imported."""
    _name_panels(lang)
    app = typer.Typer(
        cls=TyperGroup if lang == "en" else _VietnameseGroup,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    said = {"lienthong": {**options.SAYS, **SAYS}}
    for verb in verbs:
        module = import_module(f"flows.verbs.{'stage' if verb in STAGES else verb}")
        app.command(verb, cls=TyperCommand if lang == "en" else _VietnameseCommand)(module.run)
        said[verb] = {**options.SAYS, **module.SAYS}
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    for name, command in (("lienthong", group), *group.commands.items()):
        _speak(command, name, {key: both[lang == "en"] for key, both in said[name].items()})
    return group


def _root(_lang: Annotated[str, typer.Option("--lang", help="lang")] = "vi") -> None:
    pass


def _speak(command: Any, name: str, texts: Mapping[str, str]) -> None:
    """Put the texts where the keys stand."""
    command.help = texts[name]
    for parameter in command.params:
        parameter.help = texts[parameter.help]


class _VietnameseCommand(TyperCommand):
    """A verb whose help speaks Vietnamese where typer itself speaks."""

    def get_usage(self, ctx: Any) -> str:
        return _in_vietnamese(super().get_usage(ctx))

    def get_help_option(self, ctx: Any) -> Any:
        return _with_help_text(super().get_help_option(ctx))


class _VietnameseGroup(TyperGroup):
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


def _say_usage(error: TyperException, lang: str) -> int:
    """What was wrong with the words of the command."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        say(context.get_help() if context else "lienthong --help")
        return USAGE
    if lang == "en":
        say(f"Error: {error.format_message()}" if hasattr(error, "format_message") else "Error: wrong usage")
        return USAGE
    words = {
        "NoSuchOption": "Không có tùy chọn này",
        "MissingParameter": "Thiếu đối số hoặc tùy chọn",
        "BadParameter": "Giá trị không hợp lệ",
    }
    param = getattr(error, "param", None)
    name = getattr(error, "option_name", None) or _name_of(param)
    path = context.command_path if context else "lienthong"
    said = words.get(type(error).__name__, "Gõ sai lệnh")
    say(f"{said}{f': {name}' if name else ''}{_bounds_of(param)}. Xem cách dùng: {path} --help")
    return USAGE


def _name_of(param: Any) -> str:
    """What the command line calls a parameter: ``--dossiers``, ``SITE``."""
    name = next(iter(getattr(param, "opts", ())), "")
    return name if name.startswith("-") else getattr(param, "metavar", None) or name.upper()


def _bounds_of(param: Any) -> str:
    info = getattr(getattr(param, "type_descriptor", None), "parameter_info", None)
    bounds = [("từ", getattr(info, "min", None)), ("đến", getattr(info, "max", None))]
    said = " ".join(f"{word} {value}" for word, value in bounds if value is not None)
    return f" ({said})" if said else ""


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
