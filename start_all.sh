#!/usr/bin/env bash
# The server and, beside it, the bridge to WhatsApp Web, which the server starts again whenever it ends and stops last.
# What is not built yet is not built here: `make web`, then `cargo build --release -p agentlocator`. The program is
# $AGENTLOCATOR_BIN, else the release build, else `agentlocator` in PATH. Arguments go to `agentlocator serve`.
set -euo pipefail
cd "$(dirname "$0")"
. scripts/env
program=${AGENTLOCATOR_BIN:-}
[ -n "$program" ] || for program in "$CARGO_TARGET_DIR/release/agentlocator" target/release/agentlocator agentlocator; do
	command -v "$program" >/dev/null 2>&1 && break
done
command -v "$program" >/dev/null 2>&1 || { echo 'start_all.sh: there is no program yet: cargo build --release -p agentlocator' >&2; exit 1; }
scripts/npm baileys-bridge
exec "$program" serve --bridge baileys-bridge "$@"
