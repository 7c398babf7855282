package function

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"chatreports/shared/object"
	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
)

// SetAsidePrefix is what the keys of records begin with that fold has set aside. Lambda's
// own, of batches that got too old, begin otherwise.
const SetAsidePrefix = "fold/"

// aside is a record that was set aside, in the form in which Lambda itself puts failed
// batches into a bucket, so that both are read in one way.
type aside struct {
	Version   string    `json:"version"`
	Timestamp time.Time `json:"timestamp"`
	Response  struct {
		Error string `json:"functionError,omitempty"`
	} `json:"responseContext"`
	// Payload is the event; Lambda writes it as a text.
	Payload json.RawMessage `json:"payload"`
}

// setAside puts a record into the failure bucket, under a key of its own: delivered again,
// it lies there once.
func setAside(ctx context.Context, d Deps, record *events.DynamoDBEventRecord, cause error) error {
	payload, err := json.Marshal(events.DynamoDBEvent{Records: []events.DynamoDBEventRecord{*record}})
	if err != nil {
		return err
	}
	a := aside{Version: "1.0", Timestamp: d.Clock().UTC(), Payload: payload}
	a.Response.Error = cause.Error()
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	change := &record.Change
	key := fmt.Sprintf("%s%s/%s.json", SetAsidePrefix, change.ApproximateCreationDateTime.UTC().Format("2006/01/02"), cmp.Or(record.EventID, change.SequenceNumber))
	return object.Put(ctx, d.Failures, key, func(w io.Writer) error {
		_, err := w.Write(raw)
		return err
	})
}

// ReadSetAside reads the records of an object of the failure bucket, which fold or Lambda
// put there.
func ReadSetAside(raw []byte) ([]table.Item, error) {
	_, e, err := parseAside(raw)
	if err != nil {
		return nil, err
	}
	items := make([]table.Item, 0, len(e.Records))
	for i := range e.Records {
		if e.Records[i].EventName == removed {
			continue
		}
		item, err := dynamo.FromImage(e.Records[i].Change.NewImage)
		if err != nil {
			return nil, fmt.Errorf("record %s: %w", e.Records[i].Change.SequenceNumber, err)
		}
		items = append(items, item)
	}
	return items, nil
}

// WithoutSetAside takes records out of such an object, by their parts. rest is the object
// with the others, without the error that they were set aside for; nil if there are none.
func WithoutSetAside(raw []byte, out func(part string) bool) (rest []byte, dropped int, err error) {
	a, e, err := parseAside(raw)
	if err != nil {
		return nil, 0, err
	}
	n := len(e.Records)
	e.Records = slices.DeleteFunc(e.Records, func(r events.DynamoDBEventRecord) bool {
		return out(cmp.Or(dynamo.PartOf(r.Change.NewImage), dynamo.PartOf(r.Change.Keys)))
	})
	dropped = n - len(e.Records)
	if dropped == 0 || len(e.Records) == 0 {
		return nil, dropped, nil
	}
	a.Response.Error = ""
	if a.Payload, err = json.Marshal(e); err != nil {
		return nil, 0, err
	}
	rest, err = json.Marshal(a)
	return rest, dropped, err
}

func parseAside(raw []byte) (a aside, e events.DynamoDBEvent, err error) {
	if err := json.Unmarshal(raw, &a); err != nil {
		return a, e, fmt.Errorf("it is of no form that fold or Lambda writes: %w", err)
	}
	payload := []byte(a.Payload)
	if text := ""; bytes.HasPrefix(payload, []byte{'"'}) && json.Unmarshal(payload, &text) == nil {
		payload = []byte(text)
	}
	if err := json.Unmarshal(payload, &e); err != nil {
		return a, e, fmt.Errorf("its payload is no event of a stream: %w", err)
	}
	if len(e.Records) == 0 {
		return a, e, errors.New("its payload has no records")
	}
	return a, e, nil
}

// removed is what a stream calls a deletion.
const removed = "REMOVE"
