{{/* The settings of a node as variables (services/fengqiao/entry/settings.py); secrets come from secrets that exist. */}}
{{- define "fengqiao.node.env" -}}
- {name: LANG, value: C.UTF-8}
- {name: HOME, value: /tmp}
- name: FENGQIAO_REPLICA
{{- if gt (int .node.replicas) 1 }}
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
{{- else }}
  value: "0"
{{- end }}
- {name: FENGQIAO_BIND, value: 0.0.0.0}
- {name: FENGQIAO_GRPC_PORT, value: "7400"}
- {name: FENGQIAO_DESK_PORT, value: "8080"}
- {name: FENGQIAO_CITIZEN_PORT, value: "8081"}
- {name: FENGQIAO_OPS_PORT, value: "9090"}
- name: FENGQIAO_PARENT
  value: {{ .node.parent | default (printf "%s-{centre}:7400" .node.namePrefix) | quote }}
{{- range $name, $value := .node.settings }}
- name: FENGQIAO_{{ upper $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- if .node.formSecret.name }}
- name: FENGQIAO_SECRET
  valueFrom:
    secretKeyRef: {{ toJson .node.formSecret }}
{{- end }}
{{- range $key := keys .node.files | sortAlpha }}
- name: FENGQIAO_{{ upper $key }}_FILE
  value: /etc/fengqiao/files/{{ $key }}.toml
{{- end }}
{{- if .node.calendars }}
- name: FENGQIAO_CALENDAR_FILES
  value: {{ range $index, $year := keys .node.calendars | sortAlpha }}{{ if $index }},{{ end }}/etc/fengqiao/files/calendar-{{ $year }}.toml{{ end }}
{{- end }}
{{ include "fengqiao.node.env.kafka" . }}
{{ include "fengqiao.node.env.database" . }}
{{- end }}

{{/* What `fengqiao migrate` needs as well: where the database is, and which centres there are. */}}
{{- define "fengqiao.node.env.database" -}}
{{- $database := .node.database -}}
{{- if or .node.topology.csv .node.topology.configMap.name }}
- {name: FENGQIAO_TOPOLOGY, value: /etc/fengqiao/topology/topology.csv}
{{- end }}
{{- if $database.dsnSecret.name }}
- name: FENGQIAO_DATABASE
  valueFrom:
    secretKeyRef: {{ toJson $database.dsnSecret }}
{{- else }}
- name: FENGQIAO_DATABASE
  value: host={{ $database.host }} port={{ $database.port }} dbname={{ $database.name }} user={{ $database.user }} sslmode={{ $database.sslmode }} application_name=fengqiao
{{- if $database.passwordSecret.name }}
- name: PGPASSWORD
  valueFrom:
    secretKeyRef: {{ toJson $database.passwordSecret }}
{{- end }}
{{- end }}
{{- end }}

{{- define "fengqiao.node.env.kafka" -}}
- name: FENGQIAO_KAFKA
  value: {{ join "," .node.kafka.bootstrapServers | quote }}
{{- if .node.kafka.username }}
- name: FENGQIAO_KAFKA_USERNAME
  value: {{ .node.kafka.username | quote }}
- name: FENGQIAO_KAFKA_PASSWORD
  valueFrom:
    secretKeyRef: {{ toJson .node.kafka.passwordSecret }}
{{- end }}
{{- if .node.kafka.caSecret.name }}
- {name: FENGQIAO_KAFKA_CA_FILE, value: /etc/fengqiao/kafka/ca.crt}
{{- end }}
{{- end }}

{{/* The name of the ConfigMap with the list of centres, or nothing when the package's made city is used. */}}
{{- define "fengqiao.node.topologyMap" -}}
{{- if .node.topology.csv }}{{ include "fengqiao.node.fullname" . }}-topology{{ else }}{{ .node.topology.configMap.name }}{{ end -}}
{{- end }}

{{/* The ConfigMap with the list of centres; `suffix` and `annotations` tell the hook's copy from the node's. */}}
{{- define "fengqiao.node.topologyConfigMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "fengqiao.node.fullname" . }}-topology{{ .suffix }}
  labels: {{- include "fengqiao.node.labels" . | nindent 4 }}
{{- with .annotations }}
  annotations: {{- toYaml . | nindent 4 }}
{{- end }}
data:
  topology.csv: {{ .node.topology.csv | toJson }}
{{- end }}

{{/* The ConfigMaps of a node: the list of centres, and the tables that replace those of the package. */}}
{{- define "fengqiao.node.configMaps" -}}
{{- if .node.topology.csv }}
---
{{ include "fengqiao.node.topologyConfigMap" . }}
{{- end }}
{{- if or .node.files .node.calendars }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "fengqiao.node.fullname" . }}-files
  labels: {{- include "fengqiao.node.labels" . | nindent 4 }}
data:
{{- range $name, $text := .node.files }}
  {{ $name }}.toml: {{ toJson $text }}
{{- end }}
{{- range $year, $text := .node.calendars }}
  calendar-{{ $year }}.toml: {{ toJson $text }}
{{- end }}
{{- end }}
{{- end }}
