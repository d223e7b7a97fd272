"""What the generator must refuse; run by `codegen/generate --check`."""

import pathlib
import subprocess
import tempfile
import unittest

CODEGEN = pathlib.Path(__file__).resolve().parent

REFUSED = {
    "a message that contains itself": (
        "message A { A a = 1; }",
        "recursive message",
    ),
    "messages that contain each other through a repeated field and a map": (
        "message A { repeated B b = 1; } message B { map<string, A> a = 1; }",
        "recursive message",
    ),
    "google.protobuf.Struct": (
        'import "google/protobuf/struct.proto"; message A { google.protobuf.Struct a = 1; }',
        "recursive message",
    ),
    "proto3 optional": ("message A { optional int32 a = 1; }", "protoc-c refuses proto3 `optional`"),
    "enum aliases": (
        "enum E { option allow_alias = true; ZERO = 0; ALSO = 0; }",
        "enum aliases",
    ),
    "maps from bool": ("message A { map<bool, int32> a = 1; }", "maps from bool"),
    "names that a struct has already": ("message A { int32 self = 1; }", "the name is taken"),
    "more than 64 fields": (
        "message A {" + "".join(f"int32 f{n} = {n};" for n in range(1, 66)) + "}",
        "more than 64 fields",
    ),
}

# In a package that has to be documented.
DOCUMENTED = {
    "a message without a comment": ("message A {}", "A: no comment"),
    "a field without a comment": ("// A.\nmessage A { int32 a = 1; }", "A.a: no comment"),
    "a nested enum's value without a comment": (
        "// A.\nmessage A {\n// E.\nenum E { ZERO = 0; } }",
        "A.E.ZERO: no comment",
    ),
    "a oneof without a comment": (
        "// A.\nmessage A { oneof kind {\n// a.\nint32 a = 1; } }",
        "A.kind: no comment",
    ),
    "fields that are not in the order of their numbers": (
        "// A.\nmessage A {\n// b.\nint32 b = 2;\n// a.\nint32 a = 1; }",
        "A.a: field 1 comes after 2",
    ),
    "a method without errors": (
        "// A.\nmessage A {}\n// S.\nservice S {\n// Does it.\nrpc Do(A) returns (A); }",
        "S.Do: no errors are listed",
    ),
    "a service without a comment": (
        "// A.\nmessage A {}\nservice S {\n// Does it.\n//   NOT_FOUND  none\n"
        "rpc Do(A) returns (A); }",
        "S: no comment",
    ),
}


class RefusalTests(unittest.TestCase):
    """Each schema is refused with a message that says why."""

    def test_refusals(self):
        self.refuses("refused", REFUSED)

    def test_missing_documentation(self):
        self.refuses("refused.documented", DOCUMENTED)

    def refuses(self, package, schemas):
        for name, (schema, reason) in schemas.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / "refused.proto"
                path.write_text(f'syntax = "proto3"; package {package}; {schema}')
                result = subprocess.run(
                    [
                        "protoc", "-I", folder, "-I", "/usr/include",
                        f"--plugin=protoc-gen-signalbox-swift={CODEGEN / 'protoc-gen-signalbox-swift'}",
                        "--signalbox-swift_opt=group=everything",
                        f"--signalbox-swift_out={folder}", "refused.proto",
                    ],
                    capture_output=True,
                    text=True,
                )
                self.assertNotEqual(result.returncode, 0)
                self.assertIn(reason, result.stderr)


def run():
    """Whether all tests pass."""
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(RefusalTests)
    return unittest.TextTestRunner(verbosity=0).run(suite).wasSuccessful()
