"""Names: how a protobuf name is spelled in Swift and in protoc-c's C."""

import re

# Words that Swift reserves where we put names (property, case and parameter names).
SWIFT_KEYWORDS = frozenset(
    """associatedtype class deinit enum extension fileprivate func import init inout internal let
    open operator private precedencegroup protocol public rethrows static struct subscript
    typealias var break case catch continue default defer do else fallthrough for guard if in
    repeat return throw switch where while Any as await catch false is nil rethrows self Self super
    throw throws true try""".split()
)

# protoc-c 1.4.1 appends "_" to a field name that is one of these (c_helpers.cc, kKeywordList).
C_KEYWORDS = frozenset(
    """and and_eq asm auto bitand bitor bool break case catch char class compl const const_cast
    continue default delete do double dynamic_cast else enum explicit extern false float for friend
    goto if inline int long mutable namespace new not not_eq operator or or_eq private protected
    public register reinterpret_cast return short signed sizeof static static_cast struct switch
    template this throw true try typedef typeid typename union unsigned using virtual void volatile
    wchar_t while xor xor_eq""".split()
)

# The last word of a snake_case name that is spelled in capitals in Swift.
ACRONYMS = {"id": "ID", "ids": "IDs", "json": "JSON", "url": "URL", "uri": "URI"}


def swift_escaped(name):
    """`name`, in backticks where Swift reserves it."""
    return f"`{name}`" if name in SWIFT_KEYWORDS else name


def swift_member(name):
    """workflow_id -> workflowID, input_json -> inputJSON, id -> id."""
    words = [word for word in name.split("_") if word]
    head, tail = words[0], words[1:]
    head = head.lower() if head.isupper() else head[0].lower() + head[1:]
    return head + "".join(ACRONYMS.get(w.lower(), w[0].upper() + w[1:]) for w in tail)


def swift_case(enum_name, value_name):
    """EXECUTION_STATUS_QUEUED of ExecutionStatus -> queued."""
    prefix = camel_to_lower(enum_name).upper() + "_"
    short = value_name[len(prefix) :] if value_name.startswith(prefix) else value_name
    if not short[0].isalpha():
        short = value_name
    return swift_member(short.lower())


def swift_method(name):
    """ListNodeExecutions -> listNodeExecutions."""
    return name[0].lower() + name[1:]


def json_name(field):
    """protobuf's own lowerCamelCase name, computed by protoc."""
    return field.json_name


def camel_to_lower(name):
    """protoc-c's CamelToLower: an underscore before each capital that follows a small letter."""
    result, was_upper = "", True
    for character in name:
        is_upper = character.isupper()
        if is_upper and not was_upper:
            result += "_"
        result += character.lower()
        was_upper = is_upper
    return result


def to_camel(name):
    """protoc-c's ToCamel: the first letter, and each after an underscore, is a capital."""
    result, capital = "", True
    for character in name:
        if character == "_":
            capital = True
        elif capital:
            result += character.upper()
            capital = False
        else:
            result += character
    return result


def c_type(full_name):
    """signalbox.v1.Execution -> Signalbox__V1__Execution."""
    return "__".join(to_camel(part) for part in full_name.split("."))


def c_function(full_name):
    """signalbox.v1.Execution -> signalbox__v1__execution."""
    return "__".join(camel_to_lower(part) for part in full_name.split("."))


def c_accessor(full_name):
    """The C function of ours that returns a message's descriptor."""
    return c_function(full_name) + "__descriptor_pointer"


def c_member(field_name):
    """protoc-c's name of a field in the C struct."""
    lowered = field_name.lower()
    return lowered + "_" if lowered in C_KEYWORDS else lowered


def base_name(proto_path):
    """signalbox/v1/event.proto -> event."""
    return re.sub(r"\.proto$", "", proto_path.rsplit("/", 1)[-1])
