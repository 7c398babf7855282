package main

// The peer's queries: $1 and $2 are the range in Unix milliseconds, $3 the zone,
// $4 the period. They read the raw events as SEMANTICS says, as far as the
// workload goes.

// askedSQL is the requests of the range with what became of them.
const askedSQL = `
with asked as (
	select subject, at from bench_events where kind = 'chat' and type = 'chat.requested' and at >= $1 and at < $2
), seen as (
	select a.subject, a.at, e.at as later, e.type, case
		when e.type = 'chat.accepted' then 'agent'
		when e.type = 'bot.interaction' then 'bot'
		when e.type = 'message.sent' and not coalesce((e.data->>'private')::boolean, false) then
			case e.data->'actor'->>'type' when 'agent' then 'agent' when 'bot' then 'bot' end
		when e.type in ('chat.abandoned', 'chat.missed', 'chat.switched_to_message') then 'lost'
		when e.type in ('chat.refused', 'chat.closed', 'chat.queued') then e.type
	end as what
	from asked a join bench_events e on e.kind = 'chat' and e.subject = a.subject
), chats as (
	select subject, at,
		date_trunc($4, to_timestamp(at / 1000.0) at time zone $3) as bucket,
		array_agg(later) filter (where type = 'chat.accepted') as accepted,
		min(later) filter (where what in ('agent', 'bot')) as taken,
		min(later) filter (where what = 'lost') as lost,
		(array_agg(type order by later) filter (where what = 'lost'))[1] as lost_by,
		min(later) filter (where what = 'chat.refused') as refused,
		min(later) filter (where what = 'chat.closed') as closed,
		min(later) filter (where what = 'chat.queued') as queued
	from seen group by subject, at
)`

const volumeSQL = askedSQL + `, outcomes as (
	select bucket, case
		when taken is not null and (lost is null or taken < lost) then 'chat'
		when refused is not null and (lost is null or refused < lost) then 'refused'
		when lost is not null or closed is not null then 'missed'
	end as outcome from chats
)
select bucket,
	count(*)::float8 as "chatRequests",
	count(*) filter (where outcome = 'chat')::float8 as "chats",
	count(*) filter (where outcome = 'missed')::float8 as "missedChats",
	count(*) filter (where outcome = 'refused')::float8 as "refusedChats"
from outcomes group by bucket`

// waitedSQL is the requests that ever waited in a queue, and how that ended.
const waitedSQL = askedSQL + `, answers as (
	select c.*, (select min(t) from unnest(accepted) t where t >= queued) as agent
	from chats c where queued is not null
), waited as (
	select *, case
		when agent is not null and (lost is null or agent < lost) then 'accepted'
		when refused >= queued and (lost is null or refused < lost) then 'refused'
		else lost_by
	end as outcome, case
		when agent is not null and (lost is null or agent < lost) then agent
		else lost
	end as ended
	from answers
)`

const waitSQL = waitedSQL + `, waits as (
	select bucket, ended - queued as ms, outcome <> 'accepted' as missed
	from waited where ended is not null and outcome <> 'refused'
)
select bucket,
	coalesce(avg(ms) / 1000, 0)::float8 as "avgWaitTime",
	coalesce(avg(ms) filter (where missed) / 1000, 0)::float8 as "avgWaitTimeOfMissedChats",
	coalesce(max(ms / 1000), 0)::float8 as "maxWaitTime",
	coalesce(max(ms / 1000) filter (where missed), 0)::float8 as "maxWaitTimeOfMissedChats"
from waits group by bucket`

// queueSQL counts, and finds the largest queue: the waits of all chats as steps of
// a running sum per queue, looked at after each and when a bucket begins.
const queueSQL = waitedSQL + `, moves as (
	select at, case when type = 'chat.queued' then coalesce(data->'routeTo'->>'type', '') || '/' || coalesce(data->'routeTo'->>'id', '') end as queue,
		lead(at) over (partition by subject order by at, id) as until
	from bench_events where kind = 'chat'
		and type in ('chat.queued', 'chat.accepted', 'chat.refused', 'chat.abandoned', 'chat.missed', 'chat.switched_to_message', 'chat.closed')
), waiting as (
	select queue, at, coalesce(until, (select max(at) from bench_events)) as until from moves where queue is not null
), begins as (
	select (extract(epoch from b at time zone $3) * 1000)::bigint as at
	from generate_series(date_trunc($4, to_timestamp($1 / 1000.0) at time zone $3),
		to_timestamp($2 / 1000.0 - 0.001) at time zone $3, ('1 ' || $4)::interval) b
), steps as (
	select queue, at, sum(n) as n from (
		select queue, at, 1 as n from waiting where until > at
		union all select queue, until, -1 from waiting where until > at
		union all select queue, begins.at, 0 from (select distinct queue from waiting) w, begins
	) s group by queue, at
), levels as (
	select at, sum(n) over (partition by queue order by at) as level from steps
), largest as (
	select date_trunc($4, to_timestamp(at / 1000.0) at time zone $3) as bucket, max(level) as size
	from levels where at >= $1 and at < $2 group by 1
), counts as (
	select bucket,
		count(*)::float8 as queued,
		count(*) filter (where outcome = 'accepted')::float8 as accepted,
		count(*) filter (where outcome = 'chat.switched_to_message')::float8 as switched,
		count(*) filter (where outcome = 'chat.abandoned')::float8 as abandoned,
		count(*) filter (where outcome = 'refused')::float8 as refused
	from waited group by bucket
)
select bucket,
	coalesce(queued, 0) as "queuedChatRequests",
	coalesce(accepted, 0) as "chatsFromQueue",
	coalesce(switched, 0) as "switchedToMessages",
	coalesce(abandoned, 0) as "abandonedChats",
	coalesce(refused, 0) as "refusedChats",
	coalesce(size, 0)::float8 as "maxQueueSize"
from counts full join largest using (bucket)`
