{{/* A matcher as Alertmanager writes it (county="990001", alertname=~"A|B") as the Prometheus operator wants it. */}}
{{- define "fengqiao.alerts.matchers" -}}
{{- $found := list -}}
{{- range . -}}
  {{- $type := ternary "=~" "=" (contains "=~" .) -}}
  {{- $halves := splitn $type 2 . -}}
  {{- $found = append $found (dict "name" $halves._0 "value" (trimAll "\"" $halves._1) "matchType" $type) -}}
{{- end -}}
{{- toJson $found -}}
{{- end }}

{{/*
The routes of the city as JSON: those that `fengqiao monitoring alertmanager` made for everybody (what is the city's, what is
critical), then one for each county of this list. Is given (dict "made" CONFIGURATION "counties" CODES).
*/}}
{{- define "fengqiao.alerts.routes" -}}
{{- $found := list -}}
{{- range .made.route.routes -}}
  {{- if not (hasPrefix "county=" (first .matchers)) -}}
    {{- $route := dict "receiver" .receiver "matchers" (include "fengqiao.alerts.matchers" .matchers | fromJsonArray) -}}
    {{- with .group_by }}{{ $_ := set $route "groupBy" . }}{{ end -}}
    {{- if .continue }}{{ $_ := set $route "continue" true }}{{ end -}}
    {{- $found = append $found $route -}}
  {{- end -}}
{{- end -}}
{{- range .counties -}}
  {{- $matchers := list (dict "name" "county" "value" . "matchType" "=") -}}
  {{- $found = append $found (dict "receiver" (printf "county-%s" .) "matchers" $matchers) -}}
{{- end -}}
{{- toJson $found -}}
{{- end }}
