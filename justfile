# `just` lists the commands.
default:
    @just --list --unsorted

# the ready release with three tiers, at once
demo *ARGS:
    uv run licet demo {{ARGS}}

# everything that CI runs
test *ARGS:
    ./scripts/test {{ARGS}}

# the laws with many more examples, before a stop
deep:
    HYPOTHESIS_PROFILE=deep ./scripts/test tests/laws tests/ledger tests/release

# format and lint what can be mended by machine
fmt:
    uv run --group lint ruff format .
    uv run --group lint ruff check --fix .

# the pictures of README and docs, of a demo of its own
screenshots *ARGS:
    uv run --group test python scripts/screenshots {{ARGS}}

# all benchmarks, ratios against a peer in the same run
bench *NAMES:
    uv run --group bench --group test python benchmarks/run.py {{NAMES}}

# the five largest source files (size is a symptom)
sizes:
    @git ls-files 'src/**/*.py' | xargs wc -l | sort -rn | sed -n '2,6p'
