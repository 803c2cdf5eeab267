"""The tables of the store."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS instance(
  id TEXT PRIMARY KEY, name TEXT NOT NULL, version TEXT, input TEXT, created TEXT NOT NULL, updated TEXT NOT NULL,
  root TEXT NOT NULL, parent TEXT, status TEXT NOT NULL, output TEXT, custom_status TEXT, execution TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS instance_created ON instance(created, id);
CREATE INDEX IF NOT EXISTS instance_status ON instance(status, created, id);
CREATE TABLE IF NOT EXISTS history(
  instance TEXT, turn INTEGER, events TEXT NOT NULL, PRIMARY KEY(instance, turn)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS message(
  id INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, execution TEXT, kind TEXT NOT NULL, task INTEGER,
  name TEXT, payload TEXT, reason TEXT, details TEXT, fire_at TEXT);
CREATE INDEX IF NOT EXISTS message_instance ON message(instance);
CREATE TABLE IF NOT EXISTS activity(
  id INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, execution TEXT NOT NULL, task INTEGER NOT NULL,
  name TEXT NOT NULL, input TEXT, root TEXT NOT NULL, due TEXT);
CREATE INDEX IF NOT EXISTS activity_instance ON activity(instance);
CREATE TABLE IF NOT EXISTS alarm(
  instance TEXT, execution TEXT, task INTEGER, fire_at TEXT NOT NULL,
  PRIMARY KEY(instance, execution, task)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entity(id TEXT PRIMARY KEY, state TEXT NOT NULL, updated TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS operation(
  id INTEGER PRIMARY KEY AUTOINCREMENT, entity TEXT NOT NULL, name TEXT NOT NULL, input TEXT, caller TEXT,
  guid TEXT NOT NULL, root TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS timer_trigger(
  name TEXT PRIMARY KEY, schedule TEXT NOT NULL, last TEXT, next TEXT NOT NULL, updated TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS meter(
  scope TEXT, name TEXT, executions INTEGER NOT NULL, failures INTEGER NOT NULL, wall_us INTEGER NOT NULL,
  bytes_in INTEGER NOT NULL, bytes_out INTEGER NOT NULL, PRIMARY KEY(scope, name)) WITHOUT ROWID;
"""
