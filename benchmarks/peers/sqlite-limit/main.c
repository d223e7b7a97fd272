// The raw limit: the rows of durable 3-step executions, written by a plain loop over prepared
// statements, WAL, synchronous=FULL. Each execution takes four commits (created and started, then one
// for each step), and `batch` executions share each commit, as a group commit would.
//
//   sqlite-limit FILE EXECUTIONS BATCH      prints executions per second and CPU microseconds each
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static sqlite3 *database;

static void check(int code, const char *what) {
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) {
        fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(database));
        exit(1);
    }
}

static void run(const char *sql) { check(sqlite3_exec(database, sql, NULL, NULL, NULL), sql); }

static sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement;
    check(sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), sql);
    return statement;
}

static void step(sqlite3_stmt *statement) {
    check(sqlite3_step(statement), "step");
    sqlite3_reset(statement);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int count, char **arguments) {
    if (count != 4) return 2;
    long executions = atol(arguments[2]), batch = atol(arguments[3]);
    check(sqlite3_open(arguments[1], &database), "open");
    run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;");
    run("CREATE TABLE execution(number INTEGER PRIMARY KEY, id BLOB NOT NULL, workspace INTEGER,"
        " workflow INTEGER, status INTEGER, created_at INTEGER, last_sequence INTEGER);"
        "CREATE UNIQUE INDEX execution_id ON execution(id);"
        "CREATE INDEX execution_list ON execution(workspace, created_at, number);"
        "CREATE INDEX execution_status ON execution(workspace, status, created_at, number);"
        "CREATE TABLE journal(execution INTEGER, sequence INTEGER, events BLOB,"
        " PRIMARY KEY(execution, sequence)) WITHOUT ROWID;");
    sqlite3_stmt *insert = prepare("INSERT INTO execution VALUES(?1, ?2, 1, 1, 2, ?3, 3)");
    sqlite3_stmt *append = prepare("INSERT INTO journal VALUES(?1, ?2, ?3)");
    sqlite3_stmt *finish = prepare("UPDATE execution SET status = 4, last_sequence = 9 WHERE number = ?1");
    unsigned char events[160];
    memset(events, 'x', sizeof events);
    double begin = seconds(), cpu = cpu_seconds();
    for (long first = 1; first <= executions; first += batch) {
        long last = first + batch - 1 < executions ? first + batch - 1 : executions;
        for (int commit = 0; commit < 4; commit++) {
            run("BEGIN IMMEDIATE");
            for (long number = first; number <= last; number++) {
                if (commit == 0) {
                    unsigned char id[16] = {0};
                    memcpy(id, &number, sizeof number);
                    sqlite3_bind_int64(insert, 1, number);
                    sqlite3_bind_blob(insert, 2, id, sizeof id, SQLITE_STATIC);
                    sqlite3_bind_int64(insert, 3, 1700000000000 + number);
                    step(insert);
                }
                sqlite3_bind_int64(append, 1, number);
                sqlite3_bind_int64(append, 2, commit);
                sqlite3_bind_blob(append, 3, events, sizeof events, SQLITE_STATIC);
                step(append);
                if (commit == 3) {
                    sqlite3_bind_int64(finish, 1, number);
                    step(finish);
                }
            }
            run("COMMIT");
        }
    }
    double took = seconds() - begin;
    printf("%.1f %.1f\n", executions / took, (cpu_seconds() - cpu) / executions * 1e6);
    sqlite3_finalize(insert);
    sqlite3_finalize(append);
    sqlite3_finalize(finish);
    sqlite3_close(database);
}
