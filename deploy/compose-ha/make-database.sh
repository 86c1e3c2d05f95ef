#!/bin/sh
# Patroni calls this once, on the first node, with the connection string of the superuser.
set -eu
psql "$1" --quiet --set ON_ERROR_STOP=1 --command 'create database portico'
