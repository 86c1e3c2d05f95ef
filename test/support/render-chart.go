// Renders the templates of a chart as Helm does: its values, release and capabilities, sprig's functions, and include, required, tpl, toYaml.
//   go run render-chart.go CHART values.json
// values.json is what values.yaml and overrides come to. One document after the other on standard output.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	raw, err := os.ReadFile(os.Args[2])
	check(err)
	var given map[string]interface{}
	check(json.Unmarshal(raw, &given))
	root := template.New("chart").Option("missingkey=zero")
	functions := sprig.TxtFuncMap()
	// Helm takes these out: a chart must not read its machine.
	delete(functions, "env")
	delete(functions, "expandenv")
	functions["include"] = func(name string, data interface{}) (string, error) {
		var out strings.Builder
		err := root.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
	functions["required"] = func(message string, value interface{}) (interface{}, error) {
		if text, ok := value.(string); value == nil || (ok && text == "") {
			return nil, fmt.Errorf("%s", message)
		}
		return value, nil
	}
	// JSON is YAML, and needs no library.
	functions["toYaml"] = func(value interface{}) (string, error) {
		out, err := json.Marshal(value)
		return string(out), err
	}
	root.Funcs(functions)
	files, err := filepath.Glob(filepath.Join(os.Args[1], "templates", "*"))
	check(err)
	sort.Strings(files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		check(err)
		_, err = root.New(file).Parse(string(text))
		check(err)
	}
	for _, file := range files {
		if !strings.HasSuffix(file, ".yaml") {
			continue
		}
		var out strings.Builder
		check(root.ExecuteTemplate(&out, file, given))
		fmt.Printf("---\n%s\n", out.String())
	}
}
