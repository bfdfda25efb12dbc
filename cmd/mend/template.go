package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

type parameter struct {
	Default               *string  `yaml:"Default"`
	AllowedPattern        string   `yaml:"AllowedPattern"`
	AllowedValues         []string `yaml:"AllowedValues"`
	MinValue              int      `yaml:"MinValue"`
	MaxValue              int      `yaml:"MaxValue"` // 0: it is no number
	MaxLength             int      `yaml:"MaxLength"`
	ConstraintDescription string   `yaml:"ConstraintDescription"`
}

func readParameters(path string) (map[string]parameter, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	var template struct {
		Parameters map[string]parameter `yaml:"Parameters"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		return nil, fmt.Errorf("read the template %s: %w", path, err)
	}
	return template.Parameters, nil
}

func readGiven(arguments []string) (map[string]string, error) {
	given := map[string]string{}
	for _, argument := range arguments {
		name, value, ok := strings.Cut(argument, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not a parameter: write it as NAME=VALUE, without spaces around the =",
				argument)
		}
		given[name] = strings.Trim(value, `"'`)
	}
	return given, nil
}

// problem says what is wrong with a value, or "".
func (p parameter) problem(value string) string {
	switch n, err := strconv.Atoi(value); { // CloudFormation takes 2.5 too, and fails halfway
	case len(p.AllowedValues) > 0 && !slices.Contains(p.AllowedValues, value):
		return "it is one of " + strings.Join(p.AllowedValues, " ")
	case p.MaxValue > 0 && (err != nil || n < p.MinValue || n > p.MaxValue):
		return fmt.Sprintf("it is a whole number from %d to %d, such as %s", p.MinValue, p.MaxValue, *p.Default)
	case !regexp.MustCompile(p.AllowedPattern).MatchString(value):
		return "it is " + p.ConstraintDescription
	case p.MaxLength > 0 && len(value) > p.MaxLength:
		return fmt.Sprintf("it has %d characters at most", p.MaxLength)
	}
	return ""
}
