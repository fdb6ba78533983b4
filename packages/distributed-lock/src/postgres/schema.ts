/**
 * What the store keeps in a schema of its own, as one text that may be run again and again, by several
 * at once:
 *
 * - A session lives until its row is deleted: by whoever finds its time over, by the server's clock
 *   (`reap`), in which its contenders go with it. So no one sees it ended and then alive.
 * - Joins of one queue are one after the other (an advisory lock until the commit is visible): so
 *   nobody gets a smaller token and is seen later.
 * - Functions are `VOLATILE`, and each statement of theirs sees what was committed before it began: so
 *   only in `READ COMMITTED`, which they check.
 */
export function schemaOf(schema: string): string {
  return `
SELECT pg_advisory_xact_lock(hashtextextended('${schema}', 0));
CREATE SCHEMA IF NOT EXISTS ${schema};

CREATE TABLE IF NOT EXISTS ${schema}.sessions (
  id text COLLATE "C" PRIMARY KEY,
  ttl interval NOT NULL,
  ends_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS sessions_ends_at ON ${schema}.sessions (ends_at);

CREATE SEQUENCE IF NOT EXISTS ${schema}.tokens AS bigint NO CYCLE CACHE 1;
CREATE TABLE IF NOT EXISTS ${schema}.contenders (
  token bigint PRIMARY KEY DEFAULT nextval('${schema}.tokens'),
  queue text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  session_id text COLLATE "C" NOT NULL REFERENCES ${schema}.sessions ON DELETE CASCADE,
  role text NOT NULL,
  metadata text NOT NULL,
  UNIQUE (queue, id)
);
CREATE INDEX IF NOT EXISTS contenders_queue ON ${schema}.contenders (queue, token);
CREATE INDEX IF NOT EXISTS contenders_session ON ${schema}.contenders (session_id);

CREATE TABLE IF NOT EXISTS ${schema}.places_left (
  session_id text COLLATE "C" REFERENCES ${schema}.sessions ON DELETE CASCADE,
  queue text COLLATE "C",
  id text COLLATE "C",
  PRIMARY KEY (session_id, queue, id)
);
${FUNCTIONS.replaceAll("SCHEMA", schema)}`;
}

/** At most so many sessions are ended in passing, by each call. */
const REAPED_AT_ONCE = 100;

const FUNCTIONS = `
CREATE OR REPLACE FUNCTION SCHEMA.tell_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('SCHEMA_g_' || OLD.token, '');
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER tell_gone AFTER DELETE ON SCHEMA.contenders
  FOR EACH ROW EXECUTE FUNCTION SCHEMA.tell_gone();

-- Waits for nobody: what another one is renewing or ending is left to it.
CREATE OR REPLACE FUNCTION SCHEMA.reap() RETURNS void LANGUAGE sql AS $$
  DELETE FROM SCHEMA.sessions WHERE id IN (
    SELECT id FROM SCHEMA.sessions WHERE ends_at <= clock_timestamp()
    ORDER BY ends_at LIMIT ${REAPED_AT_ONCE} FOR UPDATE SKIP LOCKED);
$$;

-- What is acknowledged is on disk, whatever the database's default; and see above.
CREATE OR REPLACE FUNCTION SCHEMA.enter() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'locks need transactions of isolation READ COMMITTED';
  END IF;
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
END $$;

CREATE OR REPLACE FUNCTION SCHEMA.open_session(p_id text, p_ttl_ms double precision)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM SCHEMA.enter();
  PERFORM SCHEMA.reap();
  INSERT INTO SCHEMA.sessions VALUES
    (p_id, p_ttl_ms * interval '1 ms', clock_timestamp() + p_ttl_ms * interval '1 ms');
END $$;

-- The milliseconds that it has again; null when it has ended.
CREATE OR REPLACE FUNCTION SCHEMA.keep_alive(p_id text)
RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE v_ttl interval;
BEGIN
  PERFORM SCHEMA.enter();
  UPDATE SCHEMA.sessions SET ends_at = clock_timestamp() + ttl
    WHERE id = p_id AND ends_at > clock_timestamp() RETURNING ttl INTO v_ttl;
  IF v_ttl IS NULL THEN DELETE FROM SCHEMA.sessions WHERE id = p_id; END IF;
  RETURN extract(epoch FROM v_ttl) * 1000;
END $$;

CREATE OR REPLACE FUNCTION SCHEMA.close_session(p_id text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM SCHEMA.enter();
  DELETE FROM SCHEMA.sessions WHERE id = p_id;
END $$;

-- One snapshot: whether it is there and who is ahead.
CREATE OR REPLACE FUNCTION SCHEMA.standing_of(
  p_queue text, p_session text, p_id text, p_roles text, p_limit int)
RETURNS TABLE (ref text, ahead text[]) LANGUAGE sql AS $$
  SELECT c.token::text, ARRAY(
    SELECT o.token::text FROM SCHEMA.contenders o
    WHERE o.queue = c.queue AND o.token < c.token AND (p_roles = 'any' OR o.role = p_roles)
    ORDER BY o.token DESC LIMIT p_limit)
  FROM SCHEMA.contenders c
  WHERE c.queue = p_queue AND c.id = p_id AND c.session_id = p_session;
$$;

CREATE OR REPLACE FUNCTION SCHEMA.standing(
  p_queue text, p_session text, p_id text, p_roles text, p_limit int)
RETURNS TABLE (ref text, ahead text[]) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM SCHEMA.enter();
  PERFORM SCHEMA.reap();
  RETURN QUERY SELECT * FROM SCHEMA.standing_of(p_queue, p_session, p_id, p_roles, p_limit);
END $$;

-- No row: refused. Its own session is locked before others are reaped, so that two cannot wait for
-- each other.
CREATE OR REPLACE FUNCTION SCHEMA.join_queue(
  p_queue text, p_session text, p_id text, p_role text, p_metadata text, p_roles text, p_limit int)
RETURNS TABLE (ref text, ahead text[]) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM SCHEMA.enter();
  PERFORM pg_advisory_xact_lock(hashtextextended('SCHEMA ' || p_queue, 0));
  PERFORM FROM SCHEMA.sessions s
    WHERE s.id = p_session AND s.ends_at > clock_timestamp() FOR KEY SHARE;
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM FROM SCHEMA.places_left l
    WHERE l.session_id = p_session AND l.queue = p_queue AND l.id = p_id;
  IF FOUND THEN RETURN; END IF;
  PERFORM SCHEMA.reap();
  PERFORM FROM SCHEMA.contenders c WHERE c.queue = p_queue LIMIT 1;
  IF NOT FOUND THEN
    PERFORM pg_notify('SCHEMA_j_' || left(encode(sha256(convert_to(p_queue, 'UTF8')), 'hex'), 32), '');
  END IF;
  PERFORM FROM SCHEMA.contenders c WHERE c.queue = p_queue AND c.id = p_id;
  IF NOT FOUND THEN
    INSERT INTO SCHEMA.contenders (queue, id, session_id, role, metadata)
      VALUES (p_queue, p_id, p_session, p_role, p_metadata);
  END IF;
  RETURN QUERY SELECT * FROM SCHEMA.standing_of(p_queue, p_session, p_id, p_roles, p_limit);
END $$;

-- Without a token it waits for a join of this queue that is under way, and refuses those to come.
CREATE OR REPLACE FUNCTION SCHEMA.leave_queue(
  p_queue text, p_session text, p_id text, p_token bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM SCHEMA.enter();
  IF p_token IS NULL THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('SCHEMA ' || p_queue, 0));
    INSERT INTO SCHEMA.places_left SELECT s.id, p_queue, p_id FROM SCHEMA.sessions s
      WHERE s.id = p_session FOR KEY SHARE ON CONFLICT DO NOTHING;
    DELETE FROM SCHEMA.contenders
      WHERE queue = p_queue AND id = p_id AND session_id = p_session;
  ELSE
    DELETE FROM SCHEMA.contenders WHERE token = p_token AND queue = p_queue AND id = p_id;
  END IF;
END $$;

CREATE OR REPLACE FUNCTION SCHEMA.contenders_of(p_queue text, p_limit int)
RETURNS TABLE (ref text, id text, session_id text, role text, metadata text)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM SCHEMA.enter();
  PERFORM SCHEMA.reap();
  RETURN QUERY SELECT c.token::text, c.id, c.session_id, c.role, c.metadata
    FROM SCHEMA.contenders c WHERE c.queue = p_queue ORDER BY c.token LIMIT p_limit;
END $$;

-- The milliseconds that the contender's session has left; null when it is gone.
CREATE OR REPLACE FUNCTION SCHEMA.time_left(p_queue text, p_token bigint)
RETURNS double precision LANGUAGE plpgsql AS $$
BEGIN
  PERFORM SCHEMA.enter();
  PERFORM SCHEMA.reap();
  RETURN (SELECT extract(epoch FROM s.ends_at - clock_timestamp()) * 1000
    FROM SCHEMA.contenders c JOIN SCHEMA.sessions s ON s.id = c.session_id
    WHERE c.token = p_token AND c.queue = p_queue);
END $$;
`;
