"""The rules that an input can break, each as the end of a sentence that begins with the field."""

from typing import Final

from aiworker.core.sayings import Saying, Sentence

AT_MOST_CHARACTERS: Final = Sentence("rule_at_most_characters", "must have at most {limit} characters")
AT_LEAST_CHARACTERS: Final = Sentence("rule_at_least_characters", "must have at least {limit} characters")
AT_MOST_ITEMS: Final = Sentence("rule_at_most_items", "must have at most {limit} items")
AT_LEAST_ITEMS: Final = Sentence("rule_at_least_items", "must have at least {limit} items")
AT_MOST_FIELDS: Final = Sentence("rule_at_most_fields", "must have at most {limit} fields")
AT_LEAST_FIELDS: Final = Sentence("rule_at_least_fields", "must have at least {limit} fields")
NOT_BLANK: Final = Sentence("rule_not_blank", "must not be blank")
NOT_EMPTY: Final = Sentence("rule_not_empty", "must not be empty")
EACH_ONCE: Final = Sentence("rule_each_once", "must hold nothing twice")
MISSING: Final = Sentence("rule_missing", "is missing")
REQUIRED: Final = Sentence("rule_required", "needs the field {name}")
NOT_KNOWN: Final = Sentence("rule_not_known", "is not a known field")
UNKNOWN_FIELDS: Final = Sentence("rule_unknown_fields", "has fields that are not known: {names}")
OBJECT: Final = Sentence("rule_object", "must be an object")
LIST: Final = Sentence("rule_list", "must be a valid list")
TEXT: Final = Sentence("rule_text", "must be a valid string")
NUMBER: Final = Sentence("rule_number", "must be a valid number")
INTEGER: Final = Sentence("rule_integer", "must be a valid integer")
BOOLEAN: Final = Sentence("rule_boolean", "must be a valid boolean")
NULL: Final = Sentence("rule_null", "must be null")
TYPES: Final = Sentence("rule_types", "must be of one of the types {types}")
PATTERN: Final = Sentence("rule_pattern", "must match {pattern}")
FORMAT: Final = Sentence("rule_format", "must have the format {format}")
FORMAT_LIKE: Final = Sentence("rule_format_like", "must have the format {format}, such as {example}")
AT_LEAST: Final = Sentence("rule_at_least", "must be greater than or equal to {limit}")
AT_MOST: Final = Sentence("rule_at_most", "must be less than or equal to {limit}")
ABOVE: Final = Sentence("rule_above", "must be greater than {limit}")
BELOW: Final = Sentence("rule_below", "must be less than {limit}")
MULTIPLE: Final = Sentence("rule_multiple", "must be a multiple of {of}")
ONE_OF: Final = Sentence("rule_one_of", "must be one of {known}")
ONE_LINE: Final = Sentence("rule_one_line", "must be one line")
NO_CONTROL: Final = Sentence("rule_no_control", "holds a control character")
NO_NUL: Final = Sentence("rule_no_nul", "holds a NUL character")
UNICODE: Final = Sentence("rule_unicode", "is not valid Unicode")
CALENDAR: Final = Sentence("rule_calendar", "lies beyond the calendar")
JSON: Final = Sentence("rule_json", "is not JSON that can be kept (a number that is not finite, or too deep)")
AT_MOST_BYTES: Final = Sentence("rule_at_most_bytes", "is larger than {limit} bytes")
MODULES_SCOPE: Final = Sentence("rule_modules_scope", "modules go with the scope module only")
ONE_ENDING: Final = Sentence("rule_one_ending", "must hold one of complete, fail, release")
ENDING_TWICE: Final = Sentence("rule_ending_twice", "names an execution twice")
EXACTLY: Final = Sentence("rule_exactly", "must be {value}")
NONE_OF: Final = Sentence("rule_none_of", "must not be one of {known}")
NO_FORM: Final = Sentence("rule_no_form", "fits none of the {count} forms that its type allows")
MORE_FORMS: Final = Sentence("rule_more_forms", "fits more than one form of its type, and should fit one only")
FORBIDDEN_FORM: Final = Sentence("rule_forbidden_form", "has a form that its type rules out")
NOT_WANTED: Final = Sentence("rule_not_wanted", "must be left out")
NO_FIELDS: Final = Sentence("rule_no_fields", "must have no fields")
WITHOUT: Final = Sentence("rule_without", "must not have the fields {names}")
FIELD_NAME: Final = Sentence("rule_field_name", "has a field named {name}, which {error}")
ITEMS_TOO_MANY: Final = Sentence("rule_items_too_many", "has {count} items more than it may have")
CONTAINS: Final = Sentence("rule_contains", "must hold at least one item of the kind that its type asks for")
CONTAINS_MORE: Final = Sentence("rule_contains_more", "must hold more items of the kind that its type asks for")
CONTAINS_FEWER: Final = Sentence("rule_contains_fewer", "must hold fewer items of the kind that its type asks for")
ENCODED: Final = Sentence("rule_encoded", "must be {encoding}, as a text")
OF_ITS_TYPE: Final = Sentence("rule_of_its_type", "breaks the rule {keyword} of its type")
UNCLOSED: Final = Sentence(
    "rule_unclosed", "has a quotation mark that is never closed, or a backslash with nothing behind it"
)
NO_PROGRAM: Final = Sentence("rule_no_program", "must name a program")
NEEDS_SHELL: Final = Sentence(
    "rule_needs_shell",
    "needs a shell, and commands run without one: write sh -c '…' around it, or put it into a script of the repository",
)
FOLDER: Final = Sentence(
    "rule_folder", "must be a folder of the repository, such as {example}, named from its root and without `..`"
)
URL_PATH: Final = Sentence(
    "rule_url_path", "must be a path as in a URL: a slash first, no blanks and no special characters"
)
CPU: Final = Sentence("rule_cpu", "must be a number of cores above zero, such as 500m or 1.5")
MEMORY: Final = Sentence("rule_memory", "must be a size above zero, such as 512Mi or 1G")
IMAGE: Final = Sentence("rule_image", "must be the name of an image, such as {example}")
HOLES: Final = Sentence("rule_holes", "may hold nothing in braces but {known}")
PLACE: Final = Sentence(
    "rule_place",
    "must be a network (10.0.0.0/8) or a namespace (databases), each with a port (databases:5432) or without",
)
PORT: Final = Sentence("rule_port", "must be a port from 1 to 65535")
PORT_VARIABLE: Final = Sentence("rule_port_variable", "sets PORT to what is no port from 1 to 65535")
VARIABLE: Final = Sentence(
    "rule_variable", "is no name for a variable: at most 128 letters, digits and underscores, no digit first"
)
BRANCH: Final = Sentence(
    "rule_branch", "must be the name of a branch: a letter or digit, then letters, digits and . _ - /"
)
LABEL: Final = Sentence(
    "rule_label", "must have at most {limit} small letters, digits and dashes, with no dash at either end"
)
PROJECT_KEY: Final = Sentence("rule_project_key", "must have 2 to 12 capital letters and digits, a letter first")
ALLOWED: Final = Sentence(
    "rule_allowed", "must be edits, git, setup, test, start or a rule such as {example}, and no option of a command"
)
OTHER: Final = Sentence("rule_other", "{error}")
"""One that a library names in words of its own."""

_LONGEST: Final = 300


def as_rule(words: str) -> str:
    """A library's sentence as the end of one of ours."""
    line = " ".join(words.split())
    return (line[:1].lower() + line[1:_LONGEST]).rstrip(".")


class RuleBroken(ValueError):
    """What a validator of ours raises: pydantic takes it as a problem like its own."""

    def __init__(self, said: Saying) -> None:
        super().__init__(said.words)
        self.said: Final = said
