package dynamo

import (
	"strconv"

	"github.com/aws/aws-lambda-go/events"

	"chatreports/shared/table"
)

// FromImage reads the record in a stream event that a Lambda function was given.
func FromImage(image map[string]events.DynamoDBAttributeValue) (table.Item, error) {
	var r raw
	for name, v := range image {
		switch v.DataType() {
		case events.DataTypeString:
			r.text(name, v.String())
		case events.DataTypeNumber:
			r.number(name, v.Number())
		case events.DataTypeBinary:
			r.binary(name, v.Binary())
		}
	}
	return r.item()
}

// PartOf is the partition of a record, by its image or its key; empty: it does not say.
func PartOf(image map[string]events.DynamoDBAttributeValue) string {
	if v, ok := image[attrPart]; ok && v.DataType() == events.DataTypeString {
		return v.String()
	}
	return ""
}

// ToImage is the inverse of FromImage: the local system makes stream events out of
// its own changes.
func ToImage(i table.Item) map[string]events.DynamoDBAttributeValue {
	image := map[string]events.DynamoDBAttributeValue{
		attrPart:    events.NewStringAttribute(i.Part),
		attrSort:    events.NewStringAttribute(i.Sort),
		attrValue:   events.NewBinaryAttribute(nonNil(i.Value)),
		attrVersion: events.NewNumberAttribute(strconv.FormatUint(i.Version, 10)),
	}
	if i.Expires != 0 {
		image[attrExpires] = events.NewNumberAttribute(strconv.FormatInt(i.Expires, 10))
	}
	return image
}
