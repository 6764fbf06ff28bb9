"""The tables of version 1, as they were first made. Never edit: what changes later is a migration."""

from typing import Final

_LOCATOR: Final = "segment VARCHAR, frame_offset BIGINT, frame_length BIGINT"
_OWNER: Final = "uid VARCHAR, day VARCHAR, vantage VARCHAR, n BIGINT"
_WHEN: Final = "transaction_id BIGINT, depth BIGINT, t DOUBLE"

TABLES: Final = f"""
CREATE TABLE measurement (
    uid VARCHAR, day VARCHAR, start_time TIMESTAMP, method VARCHAR, method_version VARCHAR, input VARCHAR,
    probe_cc VARCHAR, probe_asn BIGINT, network_name VARCHAR, report_id VARCHAR, software_name VARCHAR,
    software_version VARCHAR, source VARCHAR, position BIGINT, size BIGINT, n BIGINT, states VARCHAR[],
    anomaly BOOLEAN, confirmed BOOLEAN, failure BOOLEAN, {_LOCATOR});
CREATE TABLE verdict (
    uid VARCHAR, target VARCHAR, day VARCHAR, start_time TIMESTAMP, method VARCHAR, input VARCHAR,
    probe_cc VARCHAR, probe_asn BIGINT, network_name VARCHAR, source VARCHAR, state VARCHAR, layer VARCHAR,
    mechanism VARCHAR, evidence VARCHAR, rule_id VARCHAR, rules_version VARCHAR, because VARCHAR,
    control VARCHAR, hostname VARCHAR, fingerprint VARCHAR, findings VARCHAR[], layers VARCHAR[],
    witnesses VARCHAR[], networks_version VARCHAR, fingerprints_version VARCHAR);
CREATE TABLE dns (
    {_OWNER}, hostname VARCHAR, query_type VARCHAR, engine VARCHAR, resolver VARCHAR, failure VARCHAR,
    answers VARCHAR[], asns BIGINT[], {_WHEN}, late BOOLEAN);
CREATE TABLE tcp ({_OWNER}, ip VARCHAR, port BIGINT, failure VARCHAR, {_WHEN});
CREATE TABLE handshake (
    {_OWNER}, protocol VARCHAR, server_name VARCHAR, ip VARCHAR, port BIGINT, failure VARCHAR,
    verified BOOLEAN, version VARCHAR, certificate VARCHAR, {_WHEN});
CREATE TABLE http (
    {_OWNER}, url VARCHAR, method VARCHAR, ip VARCHAR, port BIGINT, failure VARCHAR, status BIGINT,
    header_names VARCHAR[], server VARCHAR, location VARCHAR, title VARCHAR, body_length BIGINT,
    body_truncated BOOLEAN, over_tls BOOLEAN, {_WHEN});
CREATE TABLE echo (
    {_OWNER}, subject VARCHAR, sent VARCHAR, received VARCHAR, changed VARCHAR[], failure VARCHAR);
CREATE TABLE quarantine (
    id VARCHAR, source VARCHAR, position BIGINT, reason VARCHAR, detail VARCHAR, size BIGINT, raw BLOB,
    n BIGINT, {_LOCATOR});
CREATE TABLE progress (source VARCHAR, identity VARCHAR, position BIGINT, finished BOOLEAN);
CREATE TABLE snapshot (
    kind VARCHAR, version VARCHAR, sha256 VARCHAR, source VARCHAR, licence VARCHAR, loaded_at TIMESTAMP);
CREATE TABLE category (target VARCHAR, category VARCHAR);
"""
