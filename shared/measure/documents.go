package measure

// Documents has a chat's document as its key, one a chat: see shared/document. It is
// numbered from 200.
const Documents ID = 200

// ofDocuments is what open queries are answered from.
var ofDocuments = []Measure{
	{ID: Documents, Name: "documents", Unit: "count", Shape: Keyed, Group: Files, Series: []Series{site}, Since: 1, When: requested, Whom: "the site", Definition: "conversations, each by all its properties that can be asked for"},
}
