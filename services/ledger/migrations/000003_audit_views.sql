-- What is public on the ledger, as rows for auditors: decoded from the chunks at each query, so that it is never
-- anything else than what the nodes have signed. Private maps stay encrypted inside their entries.

create schema audit;

-- Sixty-four bits, little-endian; the upper sixteen are zero in every entry that a node accepts.
create function audit.uint(bytes bytea, at bigint) returns bigint language plpgsql immutable parallel safe as $$
declare
  i integer := at;
begin
  return get_byte(bytes, i) + get_byte(bytes, i + 1) * 256 + get_byte(bytes, i + 2) * 65536
    + get_byte(bytes, i + 3) * 16777216::bigint + get_byte(bytes, i + 4) * 4294967296
    + get_byte(bytes, i + 5) * 1099511627776;
end
$$;

create function audit.part(bytes bytea, at bigint, length bigint) returns bytea
language sql immutable parallel safe
return substring(bytes from at::integer + 1 for length::integer);

-- The database takes no NUL and no half of a surrogate pair in JSON. Escapes of them are shown as U+FFFD, which keeps
-- the text JSON; what is no JSON even so is null. The bytes are in audit.public_write.
create function audit.json(value bytea) returns jsonb language plpgsql immutable as $$
begin
  return convert_from(value, 'UTF8')::jsonb;
exception
  when others then
    begin
      return regexp_replace(convert_from(value, 'UTF8'), '\\u(0000|[dD][89abAB][0-9a-fA-F]{2}|[dD][c-fC-F][0-9a-fA-F]{2})', '\\ufffd', 'g')::jsonb;
    exception
      when others then return null;
    end;
end
$$;

create function audit.text(value bytea) returns text language plpgsql immutable as $$
begin
  return convert_from(value, 'UTF8');
exception
  when others then return encode(value, 'hex');
end
$$;

-- The public writes of the entries of one chunk, of the maps named (all, if null). Removals have no value.
create function audit.decode(chunk bytea, maps text[] default null)
returns table (seqno bigint, view bigint, map text, key bytea, value bytea)
language plpgsql immutable as $$
declare
  -- A copy in memory: otherwise each byte read would fetch the whole chunk again.
  bytes bytea := chunk || ''::bytea;
  size bigint := length(bytes);
  entry bigint := 0;
  next_entry bigint;
  at bigint;
  public_end bigint;
  key_length bigint;
  is_wanted boolean;
begin
  while entry < size loop
    next_entry := entry + 8 + audit.uint(bytes, entry + 2);
    public_end := entry + 44 + audit.uint(bytes, entry + 36);
    seqno := audit.uint(bytes, entry + 24);
    view := audit.uint(bytes, entry + 32) & 4294967295;
    -- Type, version, the digests there are, the version of conflicts.
    at := entry + 44 + case get_byte(bytes, (entry + 44)::integer)
      when 0 then 17
      when 2 then 49
      when 3 then 49
      else 81
    end;
    while at < public_end loop
      map := audit.text(audit.part(bytes, at + 8, audit.uint(bytes, at)));
      at := at + 8 + audit.uint(bytes, at) + 16;
      is_wanted := maps is null or map = any (maps);
      for i in 1 .. audit.uint(bytes, at) loop
        key_length := audit.uint(bytes, at + 8);
        if is_wanted then
          key := audit.part(bytes, at + 16, key_length);
          value := audit.part(bytes, at + 24 + key_length, audit.uint(bytes, at + 16 + key_length));
          return next;
        end if;
        at := at + 16 + key_length + audit.uint(bytes, at + 16 + key_length);
      end loop;
      at := at + 8;
      for i in 1 .. audit.uint(bytes, at) loop
        key_length := audit.uint(bytes, at + 8);
        if is_wanted then
          key := audit.part(bytes, at + 16, key_length);
          value := null;
          return next;
        end if;
        at := at + 8 + key_length;
      end loop;
      at := at + 8;
    end loop;
    entry := next_entry;
  end loop;
end
$$;

-- Each public write: who can read the group can read it. All other views are made of this.
create view audit.public_write with (security_invoker) as
select
  c.group_id,
  w.view || '.' || w.seqno as transaction_id,
  w.seqno,
  w.map,
  w.key,
  w.value,
  w.value is null as is_removal
from ledger.chunk c
cross join lateral audit.decode(c.entries) w;

-- The writes of some maps, as text. Unlike a filter over the view above, it builds no rows for the other maps.
create function audit.writes(variadic maps text[])
returns table (group_id integer, transaction_id text, seqno bigint, map text, key text, value bytea)
language sql stable as $$
  select c.group_id, w.view || '.' || w.seqno, w.seqno, w.map, audit.text(w.key), w.value
  from ledger.chunk c
  cross join lateral audit.decode(c.entries, maps) w
$$;

-- A row for each change of a proposal: its making, each ballot, its end. CCF's tables forget them, these do not.
create view audit.proposals with (security_invoker) as
with changes as (
  select
    group_id, seqno, transaction_id, key as proposal_id,
    audit.json((array_agg(value) filter (where map = 'public:ccf.gov.proposals_info'))[1]) as info,
    bool_or(map = 'public:ccf.gov.proposals_info') as has_info,
    audit.json((array_agg(value) filter (where map = 'public:ccf.gov.proposals'))[1]) as proposal
  from audit.writes('public:ccf.gov.proposals', 'public:ccf.gov.proposals_info')
  where value is not null
  group by group_id, seqno, transaction_id, key
)
select
  group_id, transaction_id, seqno, proposal_id,
  info ->> 'state' as state,
  info ->> 'proposer_id' as proposer_id,
  coalesce(proposal, first_value(proposal) over proposal_changes) -> 'actions' as actions,
  info -> 'ballots' as ballots,
  info -> 'final_votes' as final_votes,
  info -> 'vote_failures' as vote_failures,
  info -> 'failure' as failure,
  seqno = max(seqno) over (partition by group_id, proposal_id) as is_current
from changes
where has_info
window proposal_changes as (partition by group_id, proposal_id order by seqno);

-- A row for each ballot, with the transaction that brought it, and what it came to once the proposal was decided.
create view audit.votes with (security_invoker) as
with ballots as (
  select
    p.group_id, p.transaction_id, p.seqno, p.proposal_id, b.key as member_id, b.value as ballot,
    row_number() over (partition by p.group_id, p.proposal_id, b.key order by p.seqno) as position,
    last_value(p.final_votes -> b.key) over (
      partition by p.group_id, p.proposal_id, b.key order by p.seqno
      rows between unbounded preceding and unbounded following
    ) as final_vote
  from audit.proposals p
  -- A constitution may have written anything: what is no ballot must not hide those that are.
  cross join lateral jsonb_each_text(case jsonb_typeof(p.ballots) when 'object' then p.ballots else '{}' end) b
)
select group_id, transaction_id, seqno, proposal_id, member_id, ballot, case jsonb_typeof(final_vote) when 'boolean' then final_vote::boolean end as final_vote
from ballots
where position = 1;

-- A row for each change of a member's state or data, or of its certificate.
create view audit.members with (security_invoker) as
select
  group_id, transaction_id, seqno, key as member_id,
  audit.json((array_agg(value) filter (where map = 'public:ccf.gov.members.info'))[1]) ->> 'status' as status,
  audit.json((array_agg(value) filter (where map = 'public:ccf.gov.members.info'))[1]) ->> 'recovery_role'
    as recovery_role,
  audit.json((array_agg(value) filter (where map = 'public:ccf.gov.members.info'))[1]) -> 'member_data' as member_data,
  audit.text((array_agg(value) filter (where map = 'public:ccf.gov.members.certs'))[1]) as certificate,
  bool_and(value is null) as is_removal,
  seqno = max(seqno) over (partition by group_id, key) as is_current
from audit.writes('public:ccf.gov.members.info', 'public:ccf.gov.members.certs')
group by group_id, seqno, transaction_id, key;

create view audit.users with (security_invoker) as
select
  group_id, transaction_id, seqno, key as user_id,
  audit.json((array_agg(value) filter (where map = 'public:ccf.gov.users.info'))[1]) -> 'user_data' as user_data,
  audit.text((array_agg(value) filter (where map = 'public:ccf.gov.users.certs'))[1]) as certificate,
  bool_and(value is null) as is_removal,
  seqno = max(seqno) over (partition by group_id, key) as is_current
from audit.writes('public:ccf.gov.users.info', 'public:ccf.gov.users.certs')
group by group_id, seqno, transaction_id, key;

create view audit.nodes with (security_invoker) as
select
  group_id, transaction_id, seqno, key as node_id,
  audit.json(value) ->> 'status' as status,
  coalesce(audit.json(value) ->> 'role', 'ledger') as role,
  audit.json(value) -> 'retired_committed' = 'true'::jsonb as retired_committed,
  audit.json(value) as info,
  value is null as is_removal,
  seqno = max(seqno) over (partition by group_id, key) as is_current
from audit.writes('public:ccf.gov.nodes.info');

create view audit.constitutions with (security_invoker) as
select
  group_id, transaction_id, seqno,
  row_number() over (partition by group_id order by seqno) as version,
  audit.json(value) #>> '{}' as text,
  encode(sha256(convert_to(audit.json(value) #>> '{}', 'UTF8')), 'hex') as digest,
  seqno = max(seqno) over (partition by group_id) as is_current
from audit.writes('public:ccf.gov.constitution')
where value is not null;

grant usage on schema audit to ledger_store_reader;
grant select on all tables in schema audit to ledger_store_reader;
