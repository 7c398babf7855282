package dynamo_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
)

func TestImagesGoThereAndBack(t *testing.T) {
	for _, want := range []table.Item{
		{Key: table.Key{Part: "p", Sort: "s"}, Value: []byte("v"), Version: 1},
		{Key: table.Key{Part: table.Join("日", "/"), Sort: "\x01"}, Value: []byte{0, 0xff}, Version: ^uint64(0), Expires: 4_102_444_800},
		{Key: table.Key{Part: "p", Sort: "empty"}, Version: 3},
	} {
		// Through the JSON in which Lambda gets it.
		raw, err := json.Marshal(events.DynamoDBStreamRecord{NewImage: dynamo.ToImage(want)})
		if err != nil {
			t.Fatal(err)
		}
		var record events.DynamoDBStreamRecord
		if err := json.Unmarshal(raw, &record); err != nil {
			t.Fatal(err)
		}
		got, err := dynamo.FromImage(record.NewImage)
		if err != nil || got.Key != want.Key || got.Version != want.Version || got.Expires != want.Expires || !bytes.Equal(got.Value, want.Value) {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	}
}

func TestWhatIsNotARecordIsAnErrorNotAPanic(t *testing.T) {
	good := func() map[string]events.DynamoDBAttributeValue {
		return dynamo.ToImage(table.Item{Key: table.Key{Part: "p", Sort: "s"}, Version: 1, Expires: 5})
	}
	for name, bad := range map[string]events.DynamoDBAttributeValue{
		"pk": events.NewNumberAttribute("1"),
		"sk": events.NewNullAttribute(),
		"v":  events.NewStringAttribute("v"),
		"n":  events.NewNumberAttribute("1.5"),
		"x":  events.NewNumberAttribute("1e300"),
	} {
		image := good()
		image[name] = bad
		if item, err := dynamo.FromImage(image); err == nil {
			t.Errorf("with another %s: %+v", name, item)
		}
	}
	if _, err := dynamo.FromImage(nil); err == nil {
		t.Error("no image is a record")
	}
}
