package function

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"chatreports/shared/event"
	"chatreports/shared/facts"
	"chatreports/shared/journal"
	"chatreports/shared/object"
	"chatreports/shared/object/directory"
	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
	"chatreports/shared/table/embedded"
	"chatreports/shared/table/tabletest"
)

// batch stores a request of each of some chats, and gives what the stream says of them.
func batch(t *testing.T, db *embedded.DB, chats ...string) events.DynamoDBEvent {
	t.Helper()
	return batchOf(t, db, "acme", chats...)
}

func batchOf(t *testing.T, db *embedded.DB, tenant string, chats ...string) events.DynamoDBEvent {
	t.Helper()
	feed, at := db.FeedTable("journal"), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var es []event.Event
	for _, c := range chats {
		es = append(es, event.Event{
			ID: "r-" + c, Source: "test", Type: "chat.requested", Subject: c, At: at.UnixMilli(),
			Data: event.Data{VisitorID: "v", InitiatedBy: "visitor", Source: "visitor"},
		})
	}
	if _, err := journal.New(feed).Append(t.Context(), tenant, es, at); err != nil {
		t.Fatal(err)
	}
	changes, err := feed.Next(t.Context(), "0", 1000)
	if err != nil || len(changes) != len(chats) {
		t.Fatalf("%d changes, %v", len(changes), err)
	}
	if err := feed.Acknowledge(t.Context(), "0", changes[len(changes)-1].Sequence); err != nil {
		t.Fatal(err)
	}
	var e events.DynamoDBEvent
	for _, c := range changes {
		e.Records = append(e.Records, events.DynamoDBEventRecord{
			EventID: "e" + c.Sequence, EventName: "INSERT",
			Change: events.DynamoDBStreamRecord{
				ApproximateCreationDateTime: events.SecondsEpochTime{Time: at}, SequenceNumber: c.Sequence, NewImage: dynamo.ToImage(c.Item),
			},
		})
	}
	return e
}

// fold invokes Fold.
func invokeFold(t *testing.T, d Deps, e events.DynamoDBEvent) error {
	t.Helper()
	payload, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Fold(d).Invoke(t.Context(), payload)
	return err
}

// counted says which of some chats are folded.
func counted(t *testing.T, state table.Table, chats ...string) (are []string) {
	t.Helper()
	for _, c := range chats {
		items, err := state.Get(t.Context(), facts.Key(journal.Entity{Tenant: "acme", Kind: "chat", ID: c}, facts.Whole))
		if err != nil {
			t.Fatal(err)
		}
		if items[0].Version > 0 {
			are = append(are, c)
		}
	}
	return are
}

// aside lists the keys of what lies in a store, and what its records are.
func asides(t *testing.T, s object.Store) (keys []string, records []table.Item) {
	t.Helper()
	for info, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		in, err := s.Open(t.Context(), info.Key)
		if err != nil {
			t.Fatal(err)
		}
		var raw bytes.Buffer
		if _, err := raw.ReadFrom(in); err != nil {
			t.Fatal(err)
		}
		in.Close()
		items, err := ReadSetAside(raw.Bytes())
		if err != nil {
			t.Logf("%s: %v", info.Key, err)
		}
		keys, records = append(keys, info.Key), append(records, items...)
	}
	return keys, records
}

func foldDeps(t *testing.T) (Deps, *embedded.DB, *bytes.Buffer) {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	failures, err := directory.Open(t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	var told bytes.Buffer
	return Deps{
		Journal: db.Table("journal"), State: db.Table("state"), Clock: time.Now, Log: slog.New(slog.DiscardHandler),
		Failures: failures, Metrics: &told,
	}, db, &told
}

// Records that cannot be folded, each for another reason, are set aside one by one; what
// came with them is counted, and delivered again they lie there once.
func TestWhatCannotBeFoldedIsSetAsideAlone(t *testing.T) {
	d, db, told := foldDeps(t)
	e := batch(t, db, "a", "damaged", "b", "no image", "fact", "c", "gone")
	damaged := dynamo.ToImage(table.Item{Key: table.Key{Part: "acme/chat/damaged", Sort: "x"}, Version: 1, Value: []byte("nonsense")})
	e.Records[1].Change.NewImage = damaged
	e.Records[3].Change.NewImage = nil
	e.Records[6].Change.NewImage, e.Records[6].EventName = nil, "REMOVE"
	of := facts.Key(journal.Entity{Tenant: "acme", Kind: "chat", ID: "fact"}, facts.Whole)
	if err := d.State.Write(t.Context(), table.Op{Item: table.Item{Key: of, Version: 1, Value: []byte("nonsense")}}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		told.Reset()
		if err := invokeFold(t, d, e); err != nil {
			t.Fatal(err)
		}
	}
	if got := fmt.Sprint(counted(t, d.State, "a", "b", "c")); got != "[a b c]" {
		t.Errorf("counted are %s", got)
	}
	keys, _ := asides(t, d.Failures)
	var want []string
	for _, i := range []int{1, 3, 4} {
		want = append(want, "fold/2026/03/02/"+e.Records[i].EventID+".json")
	}
	if fmt.Sprint(keys) != fmt.Sprint(want) {
		t.Errorf("set aside are %q, want %q", keys, want)
	}
	if !strings.Contains(told.String(), `"RecordsSetAside":3`) {
		t.Errorf("it tells %q", told)
	}
}

// What is damaged for a tenant as a whole is nobody else's trouble.
func TestATenantWhoseLogIsDamagedHoldsUpNobody(t *testing.T) {
	d, db, _ := foldDeps(t)
	e := batchOf(t, db, "sick", "x", "y")
	e.Records = append(e.Records, batch(t, db, "a", "b").Records...)
	if err := d.State.Write(t.Context(), table.Op{Item: table.Item{Key: table.Key{Part: "sick/merge", Sort: "-"}, Version: 1, Value: []byte("nonsense")}}); err != nil {
		t.Fatal(err)
	}
	if err := invokeFold(t, d, e); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(counted(t, d.State, "a", "b")); got != "[a b]" {
		t.Errorf("counted are %s", got)
	}
	if _, records := asides(t, d.Failures); len(records) != 2 || records[0].Part != "sick/chat/x" || records[1].Part != "sick/chat/y" {
		t.Errorf("set aside are %v", records)
	}
}

// A record that makes a fold panic is found among those beside it.
func TestWhatPanicsIsSetAsideAlone(t *testing.T) {
	d, db, _ := foldDeps(t)
	e := batch(t, db, "a", "b", "c")
	d.State = panics{d.State, "acme/fact/chat/b"}
	if err := invokeFold(t, d, e); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(counted(t, db.Table("state"), "a", "b", "c")); got != "[a c]" {
		t.Errorf("counted are %s", got)
	}
	if _, records := asides(t, d.Failures); len(records) != 1 || records[0].Part != "acme/chat/b" {
		t.Errorf("set aside are %v", records)
	}
}

// panics is a table that panics when a part is written.
type panics struct {
	table.Table
	part string
}

func (p panics) Write(ctx context.Context, ops ...table.Op) error {
	for _, op := range ops {
		if op.Item.Part == p.part {
			panic("on purpose")
		}
	}
	return p.Table.Write(ctx, ops...)
}

// An outage of any length sets nothing aside and skips nothing: the batch is delivered again.
func TestAnOutageSkipsNothing(t *testing.T) {
	for _, fault := range []tabletest.Fault{tabletest.Before, tabletest.After, tabletest.Throttle, tabletest.Partly} {
		t.Run(fault.String(), func(t *testing.T) {
			d, db, _ := foldDeps(t)
			e := batch(t, db, "a", "b")
			state := d.State
			for after := range 4 { // storage is away from that call on
				d.State = tabletest.NewFaulty(state, tabletest.NewPlan(func(call int) tabletest.Fault {
					if call > after {
						return fault
					}
					return tabletest.None
				}))
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				payload, err := json.Marshal(e)
				if err != nil {
					t.Fatal(err)
				}
				_, err = Fold(d).Invoke(ctx, payload)
				cancel()
				if err == nil && len(counted(t, state, "a", "b")) != 2 {
					t.Error("the batch was taken, and not folded")
				}
				if keys, _ := asides(t, d.Failures); keys != nil {
					t.Fatalf("%q are set aside, and nothing is wrong with them", keys)
				}
			}
			d.State = state
			if err := invokeFold(t, d, e); err != nil || len(counted(t, state, "a", "b")) != 2 {
				t.Errorf("storage is back, and counted are %v, %v", counted(t, state, "a", "b"), err)
			}
		})
	}
}

// What cannot be set aside either is delivered again.
func TestARecordIsNotLostWhereTheBucketIsAway(t *testing.T) {
	d, db, _ := foldDeps(t)
	e := batch(t, db, "a", "b")
	e.Records[0].Change.NewImage = nil
	bucket := d.Failures
	d.Failures = away{bucket}
	if err := invokeFold(t, d, e); err == nil {
		t.Error("the batch was taken")
	}
	d.Failures = bucket
	if err := invokeFold(t, d, e); err != nil || len(counted(t, d.State, "b")) != 1 {
		t.Errorf("the bucket is back: %v", err)
	}
	if keys, _ := asides(t, bucket); len(keys) != 1 {
		t.Errorf("set aside are %q", keys)
	}
}

// away is a store that is away.
type away struct{ object.Store }

func (away) Create(context.Context, string) (object.Upload, error) { return nil, errors.New("away") }

// Lambda puts the event into its records as a text.
func TestWhatLambdaSetsAsideIsReadToo(t *testing.T) {
	_, db, _ := foldDeps(t)
	e := batch(t, db, "a", "b")
	payload, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []any{string(payload), json.RawMessage(payload)} {
		raw, err := json.Marshal(map[string]any{
			"requestContext": map[string]any{"condition": "RecordAgeExceeded"}, "version": "1.0", "payload": form,
			"DDBStreamBatchInfo": map[string]any{"batchSize": 2},
		})
		if err != nil {
			t.Fatal(err)
		}
		if items, err := ReadSetAside(raw); err != nil || len(items) != 2 || items[1].Part != "acme/chat/b" {
			t.Errorf("%.80s: %v, %v", raw, items, err)
		}
	}
	for _, raw := range []string{"", "{}", `{"payload": "x"}`, `{"payload": {"Records": []}}`, `[]`} {
		if items, err := ReadSetAside([]byte(raw)); err == nil {
			t.Errorf("%s is read as %v", raw, items)
		}
	}
}
