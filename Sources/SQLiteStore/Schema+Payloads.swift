extension Schema {
    /// Large values of journals, each kept once. A journal row's `parts` are pairs of big-endian 64-bit
    /// numbers: where in the whole batch a value begins, and its id.
    static let payloads = """
        CREATE TABLE payloads (
            payload_id INTEGER PRIMARY KEY,
            -- SHA-256 of the value.
            hash BLOB NOT NULL,
            -- How many parts of journal rows are it; it goes with the last.
            uses INTEGER NOT NULL,
            size INTEGER NOT NULL,
            -- Whether the bytes are a zlib stream.
            compressed INTEGER NOT NULL,
            bytes BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX payloads_by_hash ON payloads (hash);
        ALTER TABLE journal ADD COLUMN parts BLOB;
        """
}
