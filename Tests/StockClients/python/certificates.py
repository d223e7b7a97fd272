#!/usr/bin/env python3
"""TLS as Python's own ssl module sees it: versions and protocols, certificates read again on SIGHUP,
session tickets over such a reload, and client certificates that are required.

Starts its own servers on certificates of its own, made with openssl.
"""
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile

import grpc

from cases import case, equal, expect, run
from connection import Connection, refused
from signalbox.v1 import server_service_pb2

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import with_server  # noqa: E402  (after the path that holds it)

SECONDS_MAX = 20


class Authority:
    """A certificate authority in a folder."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.key, self.file = folder / f"{name}-key.pem", folder / f"{name}.pem"
        self._make_key(self.key)
        self._openssl("req", "-x509", "-new", "-key", self.key, "-days", "2", "-out", self.file,
                      "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE")

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    def _make_key(self, file):
        self._openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", file)

    def issue(self, name, extension="subjectAltName=DNS:localhost,IP:127.0.0.1"):
        """Makes a certificate with a key; returns their files."""
        key, request, file = (self.folder / f"{name}{end}" for end in ("-key.pem", ".csr", ".pem"))
        self._make_key(key)
        self._openssl("req", "-new", "-key", key, "-subj", f"/CN={name}", "-out", request)
        rules = self.folder / f"{name}.ext"
        rules.write_text(extension + "\n")
        self._openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key, "-days", "2",
                      "-CAcreateserial", "-extfile", rules, "-out", file)
        return file, key


class Bench:
    """One server with certificates that can be changed beneath it."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="signalbox-certificates-"))
        self.authority = Authority(self.folder, "ours")
        self.others = Authority(self.folder, "theirs")
        self.server = None

    def start(self, *options):
        self.install("first")
        self.server = with_server.Server(*options, folder=self.folder, checks=False)
        self.server.arguments += ["--certificate", str(self.folder / "used.pem"),
                                  "--private-key", str(self.folder / "used-key.pem")]
        self.server.start()
        return self

    def install(self, name):
        """Puts a fresh certificate in the server's place; it takes effect with a reload."""
        for source, end in zip(self.authority.issue(name), (".pem", "-key.pem")):
            (self.folder / f"used{end}").write_bytes(source.read_bytes())

    def reload(self, said="certificates read again"):
        """Sends SIGHUP and waits for the line that says what became of it."""
        before = len(self.server.lines)
        self.server.process.send_signal(signal.SIGHUP)
        self.server.wait_for_line(said, before)

    def context(self, version=None, protocols=("h2",), certificate=None):
        context = ssl.create_default_context(cafile=self.authority.file)
        if version:
            context.minimum_version = context.maximum_version = version
        if protocols:
            context.set_alpn_protocols(list(protocols))
        if certificate:
            context.load_cert_chain(*certificate)
        return context

    def connect(self, context=None, session=None):
        """A handshake, and the first bytes the server sends on its own: they bring a 1.3 ticket along."""
        host, port = self.server.address.rsplit(":", 1)
        plain = socket.create_connection((host, int(port)), timeout=SECONDS_MAX)
        return (context or self.context()).wrap_socket(
            plain, server_hostname="localhost", session=session)

    def common_name(self):
        with self.connect() as connection:
            return dict(part[0] for part in connection.getpeercert()["subject"])["commonName"]

    def stop(self):
        equal(self.server.stop(), 0, "exit status")


def greeted(connection):
    """Reads the server's HTTP/2 preface."""
    connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
    expect(connection.recv(9)[3:4] == b"\x04", "SETTINGS first")
    return connection


@case("TLS 1.2 and 1.3 are spoken, and nothing older")
def _(_):
    bench = Bench().start()
    for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
        with bench.connect(bench.context(version)) as connection:
            equal(connection.version(), name, "version")
    old = bench.context(ssl.TLSVersion.TLSv1_1)
    old.set_ciphers("ALL:@SECLEVEL=0")
    try:
        bench.connect(old)
        raise AssertionError("TLS 1.1 was spoken")
    except ssl.SSLError:
        pass
    bench.stop()


@case("ALPN picks the protocol, the server's favourite first, and an unknown one is refused")
def _(_):
    bench = Bench().start()
    for offered, picked in ((["h2"], "h2"), (["http/1.1"], "http/1.1"), (["ttrpc"], "ttrpc"),
                            (["http/1.1", "h2"], "h2"), (["spdy", "http/1.1"], "http/1.1"), ([], None)):
        with bench.connect(bench.context(protocols=offered)) as connection:
            equal(connection.selected_alpn_protocol(), picked, f"of {offered}")
    try:
        bench.connect(bench.context(protocols=["spdy/3"]))
        raise AssertionError("an unknown protocol was taken")
    except ssl.SSLError as error:
        expect("no application protocol" in str(error).lower().replace("_", " "), f"the alert, found {error}")
    bench.stop()


@case("SIGHUP reads a new certificate for new connections; open ones and their calls live on")
def _(_):
    bench = Bench().start()
    equal(bench.common_name(), "first", "before")
    options = dict(token=bench.server.token, options=[("grpc.ssl_target_name_override", "localhost")])
    with Connection(bench.server.address, bench.authority.file, **options) as c:
        info = server_service_pb2.GetInfoRequest()
        c.server.GetInfo(info)
        bench.install("second")
        bench.reload()
        equal(bench.common_name(), "second", "after")
        c.server.GetInfo(info)
    bench.stop()


@case("what cannot be used changes nothing and is said; what is put right is used")
def _(_):
    bench = Bench().start()
    good = (bench.folder / "used-key.pem").read_text()
    for bad in ("", "no key", (bench.others.key).read_text()):
        (bench.folder / "used-key.pem").write_text(bad)
        bench.reload("certificates not read again")
        equal(bench.common_name(), "first", f"with the key {bad[:20]!r}")
    (bench.folder / "used-key.pem").write_text(good)
    bench.reload()
    (bench.folder / "used.pem").unlink()
    bench.reload("certificates not read again")
    equal(bench.common_name(), "first", "without a certificate")
    bench.stop()


@case("sessions are resumed with their tickets, also over a reload")
def _(_):
    bench = Bench().start()
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = bench.context(version)
        with greeted(bench.connect(context)) as first:
            expect(not first.session_reused, "a first session is new")
            session = first.session
        expect(session.has_ticket, "a ticket")
        with greeted(bench.connect(context, session)) as second:
            expect(second.session_reused, f"{second.version()}: resumed")
            session = second.session
        bench.install(f"for-{version.name}")
        bench.reload()
        with greeted(bench.connect(context, session)) as third:
            expect(third.session_reused, f"{third.version()}: resumed after the reload")
    bench.stop()


@case("where client certificates are required, none and others' are refused, also after a reload")
def _(_):
    bench = Bench()
    known = bench.folder / "clients.pem"
    known.write_bytes(bench.authority.file.read_bytes())
    bench.start("--client-ca", str(known), "--client-certificates", "required",
                "--client-certificate-role", "alice=viewer")
    alice = bench.authority.issue("alice")
    mallory = bench.others.issue("mallory")

    def served(certificate, session=None, context=None):
        """Whether a connection is served: TLS 1.3 refuses a client only after its own last word."""
        try:
            context = context or bench.context(certificate=certificate)
            with greeted(bench.connect(context, session)):
                return True
        except (ssl.SSLError, ConnectionError, AssertionError):
            return False

    expect(served(alice), "a client of ours is served")
    expect(not served(None), "no certificate is refused")
    expect(not served(mallory), "another authority's certificate is refused")
    context = bench.context(certificate=alice)
    with greeted(bench.connect(context)) as connection:
        session = connection.session
    with greeted(bench.connect(context, session)) as connection:
        expect(connection.session_reused, "resumed")
    known.write_bytes(bench.others.file.read_bytes())
    bench.reload()
    expect(not served(alice), "who was known before the reload is refused after it")
    expect(not served(alice, session, context), "nor does its session let it in")
    expect(served(mallory), "who is known now is served")
    bench.stop()


@case("a certificate without a role is no identity")
def _(_):
    bench = Bench()
    bench.start("--client-ca", str(bench.authority.file), "--client-certificate-role", "alice=viewer")
    for name, code in (("alice", None), ("bob", grpc.StatusCode.UNAUTHENTICATED)):
        with Connection(bench.server.address, bench.authority.file, certificate=bench.authority.issue(name),
                        options=[("grpc.ssl_target_name_override", "localhost")]) as c:
            request = server_service_pb2.ListTokensRequest()
            if code:
                refused(code, c.server.ListTokens, request)
            else:
                refused(grpc.StatusCode.PERMISSION_DENIED, c.server.ListTokens, request)
    bench.stop()


@case("a client that asks for another handshake within a connection is refused")
def _(_):
    bench = Bench().start()
    tried = subprocess.run(
        ["openssl", "s_client", "-connect", bench.server.address, "-tls1_2", "-CAfile",
         str(bench.authority.file), "-servername", "localhost"],
        input="R\n", capture_output=True, text=True, timeout=SECONDS_MAX)
    expect("RENEGOTIATING" in tried.stdout + tried.stderr, "the client tried")
    expect("no renegotiation" in tried.stdout + tried.stderr, f"and was refused, found {tried.stderr[-300:]}")
    equal(bench.common_name(), "first", "others are served")
    bench.stop()


run("certificates", None)
