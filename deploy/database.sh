#!/usr/bin/env bash
# Runs once, when the database is new: the server's role, neither superuser nor above row-level security.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -v password="$PLAIN_PASSWORD" -U postgres <<'SQL'
CREATE ROLE agentlocator LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'password';
CREATE DATABASE agentlocator OWNER agentlocator;
SQL
