-- SPDX-License-Identifier: Apache-2.0
-- Snapshots beside the ledger: a row for each, and its bytes in parts.

-- The state after a signature transaction, as the bytes of a snapshot file with its receipt.
create table ledger.snapshot (
  group_id integer not null check (group_id >= 0),
  seqno bigint not null check (seqno >= 1),
  evidence_seqno bigint not null,
  byte_length bigint not null check (byte_length >= 1),
  part_count integer not null check (part_count >= 1),
  stored_at timestamptz not null default now(),
  primary key (group_id, seqno),
  check (evidence_seqno > seqno)
);

create table ledger.snapshot_part (
  group_id integer not null,
  seqno bigint not null,
  part_index integer not null check (part_index >= 0),
  bytes bytea not null check (length(bytes) between 1 and 16777216),
  primary key (group_id, seqno, part_index),
  foreign key (group_id, seqno) references ledger.snapshot on delete cascade
);

-- Private maps are encrypted, and what is public is read more often than it is kept.
alter table ledger.snapshot_part alter column bytes set storage external;

-- Invariant: a snapshot is of a place where a chunk ends, and its evidence is on the ledger.
create function ledger.guard_snapshot() returns trigger language plpgsql as $$
begin
  if not exists (
    select from ledger.head
    where group_id = new.group_id and last_seqno >= new.evidence_seqno
  ) or new.seqno is distinct from (
    select last_seqno
    from ledger.chunk
    where group_id = new.group_id and first_seqno <= new.seqno
    order by first_seqno desc
    limit 1
  ) then
    raise exception 'snapshot % of group % does not fit its ledger', new.seqno, new.group_id
      using errcode = 'LG006';
  end if;
  return null;
end
$$;

create trigger guard_snapshot after insert on ledger.snapshot for each row
execute function ledger.guard_snapshot();

-- Invariant: a snapshot is there whole or not at all, and never grows.
create function ledger.guard_snapshot_parts() returns trigger language plpgsql as $$
begin
  if not exists (
    select
    from ledger.snapshot_part
    where group_id = new.group_id and seqno = new.seqno
    having count(*) = new.part_count
      and max(part_index) = new.part_count - 1
      and sum(length(bytes)) = new.byte_length
  ) then
    raise exception 'snapshot % of group % is not whole', new.seqno, new.group_id using errcode = 'LG007';
  end if;
  return null;
end
$$;

create constraint trigger guard_snapshot_parts after insert on ledger.snapshot
deferrable initially deferred for each row
execute function ledger.guard_snapshot_parts();

create function ledger.guard_snapshot_part() returns trigger language plpgsql as $$
begin
  if not exists (
    select from ledger.snapshot
    where group_id = new.group_id and seqno = new.seqno and part_count > new.part_index
  ) then
    raise exception 'snapshot % of group % has no part %', new.seqno, new.group_id, new.part_index
      using errcode = 'LG007';
  end if;
  return null;
end
$$;

create trigger guard_snapshot_part after insert on ledger.snapshot_part for each row
execute function ledger.guard_snapshot_part();

-- Invariant: a snapshot is never another one. That old ones are deleted is for the owner to decide.
create trigger refuse_change before update or truncate on ledger.snapshot for each statement
execute function ledger.refuse_change();

create trigger refuse_change before update or truncate on ledger.snapshot_part for each statement
execute function ledger.refuse_change();

grant select on ledger.snapshot, ledger.snapshot_part to ledger_store_writer, ledger_store_reader;
grant insert on ledger.snapshot, ledger.snapshot_part to ledger_store_writer;

alter table ledger.snapshot enable row level security;
alter table ledger.snapshot_part enable row level security;

create policy read_groups on ledger.snapshot for select
using (group_id = any (array(select a.group_id from ledger.group_access a where a.role_name = current_user)));

create policy append_groups on ledger.snapshot for insert
with check (
  group_id = any (
    array(select a.group_id from ledger.group_access a where a.role_name = current_user and a.can_write)
  )
);

create policy read_groups on ledger.snapshot_part for select
using (group_id = any (array(select a.group_id from ledger.group_access a where a.role_name = current_user)));

create policy append_groups on ledger.snapshot_part for insert
with check (
  group_id = any (
    array(select a.group_id from ledger.group_access a where a.role_name = current_user and a.can_write)
  )
);
