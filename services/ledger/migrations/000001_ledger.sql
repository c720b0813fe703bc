-- SPDX-License-Identifier: Apache-2.0
-- The append-only ledger: one head row and many chunk rows for each group.

-- Logins of services are members of one of these two. Roles belong to the whole server, so they may exist.
do $$
begin
  create role ledger_store_writer nologin;
exception
  when duplicate_object or unique_violation then null;
end
$$;

do $$
begin
  create role ledger_store_reader nologin;
exception
  when duplicate_object or unique_violation then null;
end
$$;

-- Which login sees, and which may append to, which group.
create table ledger.group_access (
  role_name name not null,
  group_id integer not null check (group_id >= 0),
  can_write boolean not null,
  primary key (role_name, group_id)
);

-- Where the ledger of a group ends and who may append to it. View 1 and seqno 0 stand before the first entry.
create table ledger.head (
  group_id integer primary key check (group_id >= 0),
  view bigint not null default 1 check (view >= 1),
  last_seqno bigint not null default 0 check (last_seqno >= 0),
  holder text,
  instance uuid,
  lease_until timestamptz,
  check ((holder is null) = (instance is null) and (holder is null) = (lease_until is null))
) with (fillfactor = 50);

-- All entries of one commit as they are on the ledger, ending with a signature.
create table ledger.chunk (
  group_id integer not null check (group_id >= 0),
  first_seqno bigint not null check (first_seqno >= 1),
  last_seqno bigint not null,
  view bigint not null check (view >= 2),
  entries bytea not null,
  primary key (group_id, first_seqno),
  check (last_seqno >= first_seqno),
  check (length(entries) > 0)
);

-- Entries are encrypted, so compressing them is in vain.
alter table ledger.chunk alter column entries set storage external;

-- Invariant: the head only moves forward, and its seqno only to the end of the chunk that follows it.
create function ledger.guard_head() returns trigger language plpgsql as $$
begin
  if new.group_id <> old.group_id or new.view < old.view or new.last_seqno < old.last_seqno then
    raise exception 'the head of group % does not move back', old.group_id using errcode = 'LG001';
  end if;
  if not exists (
    select from ledger.chunk
    where group_id = new.group_id
      and first_seqno = old.last_seqno + 1
      and last_seqno = new.last_seqno
      and view = new.view
  ) then
    raise exception 'the head of group % does not move without its chunk', old.group_id using errcode = 'LG002';
  end if;
  return null;
end
$$;

create trigger guard_head after update on ledger.head for each row
when (new.group_id <> old.group_id or new.view < old.view or new.last_seqno <> old.last_seqno)
execute function ledger.guard_head();

-- Invariant: a chunk follows the one before it, and comes with the head that ends with it. So there is
-- neither a gap nor an overlap.
create function ledger.guard_chunk() returns trigger language plpgsql as $$
begin
  if not exists (
    select from ledger.head
    where group_id = new.group_id and last_seqno = new.last_seqno and view = new.view
  ) then
    raise exception 'chunk % of group % does not end at the head', new.first_seqno, new.group_id
      using errcode = 'LG003';
  end if;
  if new.first_seqno - 1 <> coalesce(
    (
      select last_seqno
      from ledger.chunk
      where group_id = new.group_id and first_seqno < new.first_seqno
      order by first_seqno desc
      limit 1
    ),
    0
  ) then
    raise exception 'chunk % of group % does not follow the one before it', new.first_seqno, new.group_id
      using errcode = 'LG005';
  end if;
  return null;
end
$$;

create trigger guard_chunk after insert on ledger.chunk for each row
execute function ledger.guard_chunk();

-- Invariant: what is on the ledger stays. This holds for the owner too, against mistakes; against intent
-- there are only the signatures.
create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append-only: % of % is refused', tg_op, tg_table_name using errcode = 'LG004';
end
$$;

create trigger refuse_change before update or delete or truncate on ledger.chunk for each statement
execute function ledger.refuse_change();

create trigger refuse_change before delete or truncate on ledger.head for each statement
execute function ledger.refuse_change();

grant usage on schema ledger to ledger_store_writer, ledger_store_reader;
grant select on ledger.migration, ledger.group_access, ledger.head, ledger.chunk
  to ledger_store_writer, ledger_store_reader;
grant insert on ledger.chunk to ledger_store_writer;
grant update (view, last_seqno, holder, instance, lease_until) on ledger.head to ledger_store_writer;

alter table ledger.group_access enable row level security;
alter table ledger.head enable row level security;
alter table ledger.chunk enable row level security;

create policy own_rows on ledger.group_access for select
using (role_name = current_user);

create policy read_groups on ledger.head for select
using (group_id = any (array(select a.group_id from ledger.group_access a where a.role_name = current_user)));

create policy lead_groups on ledger.head for update
using (
  group_id = any (
    array(select a.group_id from ledger.group_access a where a.role_name = current_user and a.can_write)
  )
);

create policy read_groups on ledger.chunk for select
using (group_id = any (array(select a.group_id from ledger.group_access a where a.role_name = current_user)));

create policy append_groups on ledger.chunk for insert
with check (
  group_id = any (
    array(select a.group_id from ledger.group_access a where a.role_name = current_user and a.can_write)
  )
);
