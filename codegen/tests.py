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


class RefusalTests(unittest.TestCase):
    """Each schema is refused with a message that says why."""

    def test_refusals(self):
        for name, (schema, reason) in REFUSED.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / "refused.proto"
                path.write_text(f'syntax = "proto3"; package refused; {schema}')
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
