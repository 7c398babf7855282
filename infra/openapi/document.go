package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/chatbot"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/dialect/conversation24"
	"chatreports/shared/dialect/drift"
	"chatreports/shared/dialect/freshchat"
	"chatreports/shared/explain"
	"chatreports/shared/lookup"
	"chatreports/shared/schedule"
)

// object is a JSON object; its members are written in the order of their names.
type object map[string]any

// tags are the parts of the document, each with how its refusals are told.
var tags = []struct {
	name, about string
	shape       dialect.Shape
}{
	{"Comm100", "The vendor's reports, answered from counters.", comm100.New(nil, nil).Shape()},
	{"Freshchat", "The vendor's raw reports: asked for, made, fetched.", freshchat.New(nil, nil, nil, nil, nil).Shape()},
	{"Conversation24", "The vendor's exports, and public links to them.", conversation24.New(nil, nil).Shape()},
	{"Drift", "The vendor's open conversation queries.", drift.New(nil, nil, nil).Shape()},
	{"ChatBot", "The vendor's bot reports.", chatbot.New(nil).Shape()},
	{"Events", "What happened, told by a product or by a vendor's webhook.", dialect.Ours},
	{"Ours", "What is counted, the rows behind a figure, the entities there are, one chat whole.", dialect.Ours},
}

// operations are all there are.
func operations() []dialect.Operation {
	return slices.Concat(
		comm100.Operations(), freshchat.Operations(), conversation24.Operations(), drift.Operations(), chatbot.Operations(), events(),
		explain.Operations(explain.Tables{comm100.Explained, chatbot.Explained}), lookup.Operations(), schedule.Operations(),
	)
}

// events are the operations that no dialect has.
func events() []dialect.Operation {
	const tag = "Events"
	return []dialect.Operation{
		{
			Method: http.MethodPost, Path: "/v1/events", Name: "send events", Tag: tag, Scope: "events:write", Status: http.StatusAccepted, Types: []string{dialect.TypeJSON}, Single: true,
			Columns: []string{"accepted", "duplicates", "refused", "conflicts", "warnings"}, Also: []int{http.StatusBadRequest}, Refusals: []int{http.StatusUnsupportedMediaType, http.StatusTooManyRequests},
			Body: &dialect.Body{Type: "application/cloudevents+json", About: "one CloudEvent; application/cloudevents-batch+json takes an array of at most 500, application/x-ndjson a line each", Example: object{
				"specversion": "1.0", "id": "try-1", "source": "docs", "type": "chat.requested", "subject": "chat-1", "time": "2026-11-01T09:00:00Z",
				"data": object{"visitorId": "visitor-1", "initiatedBy": "visitor", "source": "visitor"},
			}},
		},
		{
			Method: http.MethodPost, Path: "/v1/webhooks/{id}", Parts: dialect.Parameters{{Name: "id", About: "the id of a webhook in the tenants file"}}, Name: "a vendor's webhook", Tag: tag, Status: http.StatusOK,
			Refusals: []int{http.StatusUnauthorized, http.StatusNotFound},
			Body:     &dialect.Body{Type: dialect.TypeJSON, About: "what the vendor posts, authenticated the vendor's way"},
		},
		{Method: http.MethodGet, Path: "/healthz", Name: "whether requests are served", Tag: "Ours", Status: http.StatusOK, Types: []string{dialect.TypeJSON}, Single: true, Columns: []string{"status"}},
		{Method: http.MethodGet, Path: "/openapi.json", Name: "this document", Tag: "Ours", Status: http.StatusOK, Types: []string{dialect.TypeJSON}, Single: true, Columns: []string{"openapi", "info", "paths"}},
		{Method: http.MethodGet, Path: "/", Name: "the dashboard", Tag: "Ours", Status: http.StatusOK, Types: []string{"text/html"}},
		{Method: http.MethodGet, Path: "/docs", Name: "the documentation", Tag: "Ours", Status: http.StatusOK, Types: []string{"text/html"}},
	}
}

// Document is the OpenAPI document as it is served.
func Document() ([]byte, error) {
	paths, schemas, list := object{}, object{}, []object{}
	for _, t := range tags {
		list = append(list, object{"name": t.name, "description": t.about})
		schema, err := schemaOf(t.shape.Body(&dialect.Refusal{
			Status: http.StatusBadRequest, Code: dialect.InvalidParameter, Field: "name", Detail: "it is wrong", Known: []string{"right"},
		}))
		if err != nil {
			return nil, err
		}
		schemas[t.name+"Refusal"] = schema
	}
	for _, o := range operations() {
		at, ok := paths[o.Path].(object)
		if !ok {
			at = object{}
			paths[o.Path] = at
		}
		method := strings.ToLower(o.Method)
		if at[method] != nil {
			return nil, fmt.Errorf("%s %s is described twice", o.Method, o.Path)
		}
		at[method] = operation(&o)
	}
	return json.MarshalIndent(object{
		"openapi": "3.1.0",
		"info": object{
			"title": "Reports for live chat and chatbots", "version": "1",
			"description": "Chat events in, the report APIs of five vendors out. Unknown parameters are refused by name; unknown members of Freshchat's requests are ignored.",
		},
		"servers": []object{{"url": "/"}},
		"tags":    list, "paths": paths,
		"components": object{
			"schemas": schemas,
			"securitySchemes": object{
				"key":   object{"type": "http", "scheme": "bearer", "description": "the secret of a key"},
				"basic": object{"type": "http", "scheme": "basic", "description": "the secret as password, any user name; Comm100's reports only"},
			},
		},
	}, "", " ")
}

// shapeOf is how a tag's refusals are told.
func shapeOf(tag string) dialect.Shape {
	for _, t := range tags {
		if t.name == tag {
			return t.shape
		}
	}
	panic("openapi: no tag " + tag)
}

// operation is one operation as the document has it.
func operation(o *dialect.Operation) object {
	shape := shapeOf(o.Tag)
	out := object{"operationId": idOf(o), "summary": o.Name, "tags": []string{o.Tag}, "security": []object{}}
	if parameters := parametersOf(o); len(parameters) > 0 {
		out["parameters"] = parameters
	}
	if o.Body != nil {
		media := object{"schema": object{"type": "object"}}
		if o.Body.Schema != nil {
			media["schema"] = o.Body.Schema
		}
		if o.Body.Example != nil {
			media["example"] = o.Body.Example
		}
		out["requestBody"] = object{"description": o.Body.About, "required": !o.Body.Optional, "content": object{o.Body.Type: media}}
	}
	refusals := slices.Concat(anywhere, o.Refusals)
	if o.Body != nil {
		refusals = append(refusals, http.StatusUnsupportedMediaType)
	}
	if o.Scope != "" {
		keys := []object{{"key": []string{}}}
		if shape.Basic {
			keys = append(keys, object{"basic": []string{}})
		}
		out["security"] = keys
		out["description"] = "The key needs the scope `" + o.Scope + "`."
		refusals = append(refusals, http.StatusUnauthorized, http.StatusForbidden)
	}
	answers := object{strconv.Itoa(o.Status): answer(o)}
	for _, status := range refusals {
		content := object{}
		if slices.Contains(o.Also, status) {
			content = contentOf(o)
		}
		content[shape.ContentType] = object{"schema": object{"$ref": "#/components/schemas/" + o.Tag + "Refusal"}}
		answers[strconv.Itoa(status)] = object{"description": http.StatusText(status), "content": content}
	}
	if o.Redirects {
		answers[strconv.Itoa(http.StatusSeeOther)] = object{
			"description": "The answer is too long to be sent, or takes long: it is, or will be, in a file.",
			"headers":     object{"Location": object{"description": "where it lies, for an hour and without a key; or where to ask for it again", "schema": object{"type": "string", "format": "uri"}}},
		}
	}
	out["responses"] = answers
	return out
}

// anywhere are the statuses with which any operation may be refused.
var anywhere = []int{
	http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge, http.StatusInternalServerError, http.StatusServiceUnavailable,
}

// idOf is a name of the operation for programs.
func idOf(o *dialect.Operation) string {
	words := strings.FieldsFunc(strings.ToLower(o.Tag+" "+o.Name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return strings.Join(words, "-")
}

func answer(o *dialect.Operation) object {
	out := object{"description": http.StatusText(o.Status)}
	if len(o.Types) > 0 {
		out["content"] = contentOf(o)
	}
	headers := object{}
	if slices.Contains(o.Types, dialect.TypeCSV) {
		headers["Counted-Until"] = object{"description": "when the newest change that is counted was committed", "schema": object{"type": "string", "format": "date-time"}}
	}
	for name, about := range o.Headers {
		headers[name] = object{"description": about, "schema": object{"type": "string"}}
	}
	if len(headers) > 0 {
		out["headers"] = headers
	}
	return out
}

// contentOf is the answer in each of its content types.
func contentOf(o *dialect.Operation) object {
	content := object{}
	for _, t := range o.Types {
		content[t] = object{"schema": answered(o, t)}
	}
	return content
}

// answered is the schema of an answer in a content type.
func answered(o *dialect.Operation, contentType string) object {
	switch {
	case contentType == dialect.TypeParquet:
		return object{"type": "string", "format": "binary"}
	case contentType == dialect.TypeLines:
		return object{"description": "an object a line; members: " + strings.Join(o.Columns, ", ")}
	case contentType != dialect.TypeJSON:
		return object{"type": "string", "description": "columns: " + strings.Join(o.Columns, ", ")}
	}
	row := object{}
	if len(o.Columns) > 0 {
		row["type"] = "object"
		properties := object{}
		for _, name := range o.Columns {
			name, _, _ = strings.Cut(name, ".")
			properties[name] = object{}
		}
		row["properties"] = properties
	}
	if o.Single {
		return row
	}
	return object{"type": "array", "items": row}
}

// parametersOf are those of the path, and those of the query.
func parametersOf(o *dialect.Operation) (out []object) {
	for i := range o.Parts {
		p := &o.Parts[i]
		out = append(out, object{"name": p.Name, "in": "path", "required": true, "description": p.About, "schema": valueOf(p)})
	}
	example, err := url.ParseQuery(o.Example)
	if err != nil {
		panic("openapi: " + err.Error())
	}
	for i := range o.Parameters {
		p := &o.Parameters[i]
		parameter := object{"name": p.Name, "in": "query", "required": p.Required, "description": p.About, "schema": valueOf(p)}
		if !p.Required && !p.Repeatable && p.Kind != dialect.List { // an empty one was not given
			parameter["allowEmptyValue"] = true
		}
		if p.Kind == dialect.List {
			parameter["style"], parameter["explode"] = "form", false
		}
		if given := example.Get(p.Name); given != "" {
			parameter["example"] = given
		}
		out = append(out, parameter)
	}
	return out
}

// valueOf is the schema of a parameter's value.
func valueOf(p *dialect.Parameter) object {
	value := object{"type": "string"}
	switch {
	case p.Kind == dialect.Number:
		value = object{"type": "integer", "minimum": p.Least, "maximum": p.Most}
	case p.Kind == dialect.Flag:
		value = object{"type": "string", "enum": []string{"true", "false"}}
	case p.Values != nil:
		value["enum"] = append(slices.Clone(p.Values), slices.Sorted(maps.Keys(p.Spellings))...)
	case p.Required:
		value["minLength"] = 1
	}
	if p.Repeatable || p.Kind == dialect.List {
		if known, ok := value["enum"].([]string); ok {
			value["enum"] = append(known, "") // as above
		}
		return object{"type": "array", "items": value}
	}
	return value
}

// schemaOf is the schema of what a value is as JSON: its members and their types.
func schemaOf(value any) (object, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var told any
	if err := json.Unmarshal(raw, &told); err != nil {
		return nil, err
	}
	return typed(told), nil
}

func typed(value any) object {
	switch v := value.(type) {
	case map[string]any:
		properties := object{}
		for name, member := range v {
			properties[name] = typed(member)
		}
		return object{"type": "object", "properties": properties}
	case []any:
		out := object{"type": "array"}
		if len(v) > 0 {
			out["items"] = typed(v[0])
		}
		return out
	case float64:
		return object{"type": "integer"}
	case string:
		return object{"type": "string"}
	}
	return object{}
}
