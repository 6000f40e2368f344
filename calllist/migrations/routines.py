"""What runs in the database with its owner's rights: making and dropping the table of a list.

    begin_list    intake: an empty table for the upload, in the upload's own transaction
    finish_list   intake: the indexes of its rows, and it becomes a partition of `records`
    drop_list     worker: gone, with every row
    repeated      intake: which of these tokens a list of the same job has already

The role of intake may so fill a table that nobody else sees before the commit, and neither
read it nor touch any other; a table that has become a partition it can no longer reach. The
worker may drop what must not exist any more and nothing else: a list whose keys are
destroyed or lost, or one whose upload did not end. None of the three believes a caller's
word for that: they look at `lists` and `holdings` themselves.

The rows of a list have these indexes, all in its own table:

    place   unique: chunk and index
    token   who has this number
    fresh   who was never called, in the order of the file
    due     calls to be repeated, the longest due first
    promised, mine   call-backs that somebody asked for (result 12), and by whom they are made
    hand    unique: which numbers are in hand; two people with one number never are at once
    group1, group2   who was never called, by segments: only of a list that has any

`due`, `promised`, `mine` and `hand` hold no row of a new list and are made with the empty table:
once it is full, each would cost one more look at every row. The others are built when it is.

Codes of segments that too few people share become 0 before anybody else sees the table.
"""

# A list's table is named by the list's id; no other name can be built of these characters.
_NAMED = "list_id ~ '^lst_[a-z0-9_]{1,40}$'"
_RECEIVING = (
    "exists (select from public.lists l where l.id = list_id and l.state = 'receiving')"
    " and not exists (select from public.holdings h where h.id = list_id)"
)

BEGIN = f"""
create function begin_list(list_id text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    own constant text := 'records_' || list_id;
    shape text;
begin
    if not coalesce({_NAMED} and {_RECEIVING}, false) then
        raise exception 'no such upload' using errcode = 'insufficient_privilege';
    end if;
    -- Not LIKE: that would lock `records` for as long as the upload takes.
    select string_agg(
        format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod))
            || case when a.attnotnull then ' not null' else '' end, ', ' order by a.attnum)
    into shape
    from pg_attribute a
    where a.attrelid = 'public.records'::regclass and a.attnum > 0 and not a.attisdropped;
    execute format('create table public.%I (%s, check (list_id = %L))', own, shape, list_id);
    execute format(
        'alter table public.%I alter list_id set default %L,'
        ' alter state set default ''waiting'', alter attempts set default 0,'
        ' alter rung set default 0', own, list_id);
    execute format(
        'create index %I on public.%I (due_at, chunk, index)'
        ' where state = ''waiting'' and due_at is not null and last_code is distinct from 12',
        own || '_due', own);
    execute format(
        'create index %I on public.%I (due_at, chunk, index)'
        ' where state = ''waiting'' and last_code = 12', own || '_promised', own);
    execute format(
        'create index %I on public.%I (due_for, due_at, chunk, index)'
        ' where state = ''waiting'' and last_code = 12 and due_for is not null',
        own || '_mine', own);
    execute format(
        'create unique index %I on public.%I (token) where state = ''leased''',
        own || '_hand', own);
    execute format(
        'grant insert (chunk, index, line, sealed, token, segment1, segment2)'
        ' on public.%I to %I', own, session_user);
end $$
"""  # noqa: S608

FINISH = f"""
create function finish_list(list_id text, rare1 smallint[], rare2 smallint[]) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp set maintenance_work_mem = '128MB' as $$
declare
    own constant text := 'records_' || list_id;
begin
    if not coalesce({_NAMED} and {_RECEIVING}, false) then
        raise exception 'no such upload' using errcode = 'insufficient_privilege';
    end if;
    if rare1 is not null then
        execute format(
            'update public.%I set segment1 = case when segment1 = any($1) then 0 else segment1 end,'
            ' segment2 = case when segment2 = any($2) then 0 else segment2 end'
            ' where segment1 = any($1) or segment2 = any($2)', own) using rare1, rare2;
        execute format(
            'create index %I on public.%I (segment1, chunk, index)'
            ' where state = ''waiting'' and due_at is null', own || '_group1', own);
        execute format(
            'create index %I on public.%I (segment2, chunk, index)'
            ' where state = ''waiting'' and due_at is null and segment2 is not null',
            own || '_group2', own);
    end if;
    execute format('create unique index %I on public.%I (chunk, index)', own || '_place', own);
    execute format('create index %I on public.%I (token)', own || '_token', own);
    execute format(
        'create index %I on public.%I (chunk, index)'
        ' where state = ''waiting'' and due_at is null', own || '_fresh', own);
    if session_user <> current_user then
        execute format('revoke all on public.%I from %I', own, session_user);
    end if;
    execute format(
        'alter table public.records attach partition public.%I for values in (%L)', own, list_id);
end $$
"""  # noqa: S608

# `records` first, then the partition: whoever reads takes them in this order too.
DROP = f"""
create function drop_list(list_id text) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
    own constant text := 'records_' || list_id;
    rows bigint;
begin
    if not coalesce({_NAMED} and (
        exists (
            select from public.holdings h
            where h.id = list_id and h.state in ('SHREDDED', 'LOST')
        ) or (
            exists (
                select from public.lists l
                where l.id = list_id and l.state in ('receiving', 'failed')
            ) and not exists (select from public.holdings h where h.id = list_id)
        )
    ), false) then
        raise exception 'this list is not over' using errcode = 'insufficient_privilege';
    end if;
    if to_regclass(format('public.%I', own)) is null then
        return 0;
    end if;
    execute format('select count(*) from public.%I', own) into rows;
    execute 'lock table only public.records in access exclusive mode';
    execute format('drop table public.%I', own);
    return rows;
end $$
"""  # noqa: S608

# What a correction repeats, asked by its own upload: rows of the list that is corrected whose
# number is filed alike; by person, whose reference is too. Who is done has no number any more.
REPEATED = f"""
create function repeated(
    list_id text, earlier text, tokens bytea[], filed bytea[], by_person boolean
) returns table (place integer, repeats integer)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    nothing constant bytea := '\\x0000000000000000';
begin
    if not coalesce({_NAMED} and {_RECEIVING} and exists (
        select from public.lists l join public.lists e on e.job_id = l.job_id
        where l.id = list_id and e.id = earlier and e.id <> l.id
    ), false) then
        raise exception 'no such upload' using errcode = 'insufficient_privilege';
    end if;
    return query
    select t.at::integer, min(r.line)
    from unnest(tokens, filed) with ordinality as t (token, reference, at)
    join public.records r on r.list_id = earlier and r.token = t.token
    left join public.chunks c on c.list_id = earlier and c.chunk = r.chunk
    where not by_person or (t.reference <> nothing
        and substring(c."references" from r.index * 8 + 1 for 8) = t.reference)
    group by t.at
    union
    select t.at::integer, min(r.line)
    from public.records r
    join public.chunks c on c.list_id = earlier and c.chunk = r.chunk
    join unnest(filed) with ordinality as t (reference, at)
        on t.reference = substring(c."references" from r.index * 8 + 1 for 8)
    where r.list_id = earlier and r.state = 'done' and t.reference <> nothing
    group by t.at;
end $$
"""  # noqa: S608

# Nobody may call them but whom `grants` names.
CLOSED = "revoke all on function begin_list, finish_list, drop_list, repeated from public"

ALL = (BEGIN, FINISH, DROP, REPEATED, CLOSED)
