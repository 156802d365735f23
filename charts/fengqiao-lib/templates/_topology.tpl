{{/*
The list of centres. Is given the text of the CSV file that the program itself reads (code,level,name,parent; columns
in any order) and gives JSON: a list of {code, level, name, parent}. The program checks a list whole; here stands what
the charts could not go on without.
*/}}
{{- define "fengqiao.topology" -}}
{{- $lines := . | trimPrefix "\ufeff" | replace "\r" "" | trim | splitList "\n" -}}
{{- $header := list -}}
{{- range splitList "," (first $lines) }}{{ $header = append $header (trim .) }}{{ end -}}
{{- range $column := list "code" "level" "name" "parent" -}}
  {{- if not (has $column $header) -}}
    {{- fail (printf "名单缺少列 %s。topology: the first line has to name the column %s (code,level,name,parent)." $column $column) -}}
  {{- end -}}
{{- end -}}
{{- $rows := list -}}
{{- $levels := dict -}}
{{- range $index, $line := rest $lines -}}
  {{- if trim $line -}}
    {{- $cells := splitList "," $line -}}
    {{- $row := dict -}}
    {{- range $position, $column := $header -}}
      {{- $cell := "" -}}
      {{- if lt $position (len $cells) }}{{ $cell = index $cells $position | trim | trimAll "\"" }}{{ end -}}
      {{- $_ := set $row $column $cell -}}
    {{- end -}}
    {{- $where := printf "topology: line %d" (add $index 2) -}}
    {{- if not (regexMatch "^[0-9]{4,12}$" $row.code) -}}
      {{- fail (printf "%s: %q 不是中心代码。It is not the code of a centre (4 to 12 digits)." $where $row.code) -}}
    {{- end -}}
    {{- if not (has $row.level (list "city" "county" "township")) -}}
      {{- fail (printf "%s: 层级 %q 不存在。There is no level %q; it is city, county or township." $where $row.level $row.level) -}}
    {{- end -}}
    {{- if hasKey $levels $row.code -}}
      {{- fail (printf "%s: 代码 %s 重复。The code %s stands in the list twice." $where $row.code $row.code) -}}
    {{- end -}}
    {{- $_ := set $levels $row.code $row.level -}}
    {{- $rows = append $rows $row -}}
  {{- end -}}
{{- end -}}
{{- range $rows -}}
  {{- $wanted := index (dict "city" "" "county" "city" "township" "county") .level -}}
  {{- if ne $wanted (index $levels .parent | default "") -}}
    {{- fail (printf "topology: %s 的上级 %q 不对。%s has the parent %q; a %s needs %s." .code .parent .code .parent .level (ternary "none" (printf "a %s of the list" $wanted) (eq $wanted ""))) -}}
  {{- end -}}
{{- end -}}
{{- toJson $rows -}}
{{- end }}

{{/*
Where a centre stands, as JSON: the labels that rules, routes of alerts and boards tell centres apart by. The city stands as
a county of its own. Read off the list when that stands in the values, else as `place` says it.
*/}}
{{- define "fengqiao.node.place" -}}
{{- $place := dict "centre" .node.centre -}}
{{- if .node.topology.csv -}}
  {{- $names := dict -}}
  {{- $rows := include "fengqiao.topology" .node.topology.csv | fromJsonArray -}}
  {{- range $rows }}{{ $_ := set $names .code .name }}{{ end -}}
  {{- range $rows -}}
    {{- if eq .code $.node.centre -}}
      {{- $county := ternary .parent .code (eq .level "township") -}}
      {{- $place = merge $place (dict "level" .level "county" $county "centre_name" .name "county_name" (index $names $county)) -}}
    {{- end -}}
  {{- end -}}
{{- else -}}
  {{- range $label, $value := .node.place }}{{ if $value }}{{ $_ := set $place $label $value }}{{ end }}{{ end -}}
{{- end -}}
{{- toJson $place -}}
{{- end }}
