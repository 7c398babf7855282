// Package custommetric reads and computes the expressions of Comm100's realtime
// custom metrics: + - * /, brackets and numbers over today's figures. In: an
// expression. Out: a program, or an error that names the place and the names that
// exist. It knows no storage and no reports.
package custommetric

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// MaxLength is how long an expression may be, in bytes.
const MaxLength = 1000

// Names are today's figures, in the blocks of realtime/today; a block's name may
// stand before a figure's: chatOverview.chats.
var Names = map[string][]string{
	"chatOverview":      {"chatRequests", "chats", "chatAcceptanceRate", "abandonedChats", "switchToMessages", "missedChats"},
	"serviceEfficiency": {"avgWaitTime", "avgChatTime", "avgResponseTime", "acceptedInvitations", "departmentTransferChats", "totalTransferChats"},
	"agentPerformance":  {"uniqueChatRate", "agentUtilization", "avgScore"},
	"chatbot":           {"chatbotOnlyChats", "chatsFromChatbotToAgent", "answers", "highConfidenceAnswers"},
}

// Program is an expression ready to be computed.
type Program struct{ tree ast.Node }

// Compile reads an expression.
func Compile(expression string) (*Program, error) {
	if len(expression) > MaxLength {
		return nil, fmt.Errorf("the expression has %d characters; at most %d are taken", len(expression), MaxLength)
	}
	if c := comment.FindStringIndex(expression); c != nil {
		return nil, wrong(utf8.RuneCountInString(expression[:c[0]]), "a comment is not taken")
	}
	tree, err := parser.Parse(expression)
	if err != nil {
		return nil, at(expression, err)
	}
	check := &checker{}
	ast.Walk(&tree.Node, check)
	check.operand(tree.Node)
	if check.err != nil {
		return nil, check.err
	}
	return &Program{tree.Node}, nil
}

// comment is how the expression library begins one.
var comment = regexp.MustCompile(`//|/\*|#`)

// unexpected is how the parser names a token that should not be there.
var unexpected = regexp.MustCompile(`^unexpected token \w+\((".*")\)$`)

// at says where an expression is wrong.
func at(expression string, err error) error {
	where, ok := errors.AsType[*file.Error](err)
	if !ok {
		return err
	}
	if where.Message == "unexpected token EOF" || where.Message == "unexpected end of expression" {
		return wrong(utf8.RuneCountInString(strings.TrimRightFunc(expression, unicode.IsSpace)), "the expression ends too early; "+next(expression))
	}
	message, _, _ := strings.Cut(where.Message, ": strconv.")
	if token := unexpected.FindStringSubmatch(message); token != nil {
		message = token[1] + " is not expected here"
	}
	return wrong(where.Column, message)
}

// next says what could follow an expression that ends too early.
func next(expression string) string {
	expression = strings.TrimSpace(expression)
	switch {
	case expression == "" || strings.ContainsAny(expression[len(expression)-1:], "+-*/("):
		return "a number, a figure, '-' or '(' should follow"
	case strings.HasSuffix(expression, "."):
		return "a figure of that block should follow"
	}
	return "one of + - * / or ')' should follow"
}

// wrong is an error after that many characters.
func wrong(column int, what string) error {
	return fmt.Errorf("at character %d: %s; an expression has + - * /, brackets, numbers and figures: %s", column+1, what, strings.Join(figures(), ", "))
}

// Run computes the expression over figures; those that are missing are 0, and so is what is
// divided by 0.
func (p *Program) Run(figures map[string]float64) float64 {
	v := value(p.tree, figures)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}

// value is what a part of an expression comes to. What else a tree may have, checker refused.
func value(node ast.Node, figures map[string]float64) float64 {
	switch n := node.(type) {
	case *ast.IntegerNode:
		return float64(n.Value)
	case *ast.FloatNode:
		return n.Value
	case *ast.IdentifierNode:
		return figures[n.Value]
	case *ast.MemberNode: // a block and a figure's name
		return figures[n.Property.(*ast.StringNode).Value]
	case *ast.UnaryNode:
		if n.Operator == "-" {
			return -value(n.Node, figures)
		}
		return value(n.Node, figures)
	case *ast.BinaryNode:
		a, b := value(n.Left, figures), value(n.Right, figures)
		switch {
		case n.Operator == "+":
			return a + b
		case n.Operator == "-":
			return a - b
		case n.Operator == "*":
			return a * b
		case b != 0:
			return a / b
		}
	}
	return 0
}

func figures() []string {
	var out []string
	for _, names := range Names {
		out = append(out, names...)
	}
	slices.Sort(out)
	return out
}

// checker lets arithmetic over known names pass and nothing else.
type checker struct{ err error }

func (c *checker) Visit(node *ast.Node) {
	if c.err != nil {
		return
	}
	refuse := func(what string) {
		c.err = wrong((*node).Location().From, what)
	}
	switch n := (*node).(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.StringNode:
	case *ast.IdentifierNode:
		if _, block := Names[n.Value]; !block && !slices.Contains(figures(), n.Value) {
			refuse(fmt.Sprintf("there is no figure %q", n.Value))
		}
	case *ast.MemberNode:
		block, ok := n.Node.(*ast.IdentifierNode)
		name, isName := n.Property.(*ast.StringNode)
		if !ok || !isName || !slices.Contains(Names[block.Value], name.Value) {
			refuse("there is no such figure")
		}
	case *ast.UnaryNode:
		if n.Operator != "-" && n.Operator != "+" {
			refuse(fmt.Sprintf("operator %q is not known", n.Operator))
		}
		c.operand(n.Node)
	case *ast.BinaryNode:
		if !strings.Contains("+ - * /", n.Operator) {
			refuse(fmt.Sprintf("operator %q is not known", n.Operator))
		}
		c.operand(n.Left)
		c.operand(n.Right)
	default:
		refuse("this is no arithmetic")
	}
}

// operand refuses what is no number by itself: a text, and the name of a block.
func (c *checker) operand(node ast.Node) {
	if c.err != nil {
		return
	}
	switch n := node.(type) {
	case *ast.StringNode:
		c.err = wrong(n.Location().From, "a text is no number")
	case *ast.IdentifierNode:
		if names := Names[n.Value]; names != nil {
			c.err = wrong(n.Location().From, fmt.Sprintf("%q is a block of figures; name one of it, such as %s.%s", n.Value, n.Value, names[0]))
		}
	}
}
