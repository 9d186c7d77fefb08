"""The databases of the tests, for the benchmarks too."""

from tests.conftest import (  # noqa: F401
    database,
    database_url,
    empty_template,
    run_folder,
    server_url,
    testrun_uid_or_pid,
    zhengzhou,
    zhengzhou_template,
    zhengzhou_url,
)
