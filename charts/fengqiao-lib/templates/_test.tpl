{{/*
A pod of `helm test`: `fengqiao node check` asks from where a neighbour stands, changes nothing, and says a sentence for
each thing that is wrong (`helm test --logs` shows it). Is given `name`, and `checks`: a list of {name, args, store}; one
with `store` is given database and Kafka of the node, the others the doors alone.
*/}}
{{- define "fengqiao.node.test" -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ .name }}
  labels:
    app.kubernetes.io/name: fengqiao-test
    app.kubernetes.io/instance: {{ .root.Release.Name }}
    app.kubernetes.io/part-of: fengqiao
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  restartPolicy: Never
  automountServiceAccountToken: false
  enableServiceLinks: false
  serviceAccountName: {{ .node.serviceAccountName | quote }}
  securityContext: {{- include "fengqiao.pod.security" . | nindent 4 }}
  {{- with .node.image.pullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .node.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .node.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    {{- range .checks }}
    - name: {{ .name }}
      image: {{ include "fengqiao.image" $ | quote }}
      imagePullPolicy: {{ $.node.image.pullPolicy }}
      command: [fengqiao]
      args: {{- concat (list "node" "check") .args | toYaml | nindent 8 }}
      env:
        - {name: LANG, value: C.UTF-8}
        - {name: HOME, value: /tmp}
        - {name: FENGQIAO_GRPC_PORT, value: "7400"}
        - {name: FENGQIAO_OPS_PORT, value: "9090"}
        {{- if .store }}
        {{- include "fengqiao.node.env.kafka" $ | trim | nindent 8 }}
        {{- include "fengqiao.node.env.database" $ | trim | nindent 8 }}
        {{- else if or $.node.topology.csv $.node.topology.configMap.name }}
        - {name: FENGQIAO_TOPOLOGY, value: /etc/fengqiao/topology/topology.csv}
        {{- end }}
      securityContext: {{- include "fengqiao.container.security" $ | nindent 8 }}
      resources:
        requests: {cpu: 50m, memory: 96Mi}
        limits: {memory: 192Mi}
      volumeMounts:
        - {name: tmp, mountPath: /tmp}
        {{- include "fengqiao.node.mounts" $ | nindent 8 }}
        {{- if and .store $.node.kafka.caSecret.name }}
        - {name: kafka, mountPath: /etc/fengqiao/kafka, readOnly: true}
        {{- end }}
    {{- end }}
  volumes:
    - name: tmp
      emptyDir: {sizeLimit: 64Mi}
    {{- include "fengqiao.node.volumes" (merge (dict "map" (include "fengqiao.node.topologyMap" .)) .) | nindent 4 }}
    {{- with .node.kafka.caSecret }}
    {{- if .name }}
    - name: kafka
      secret:
        secretName: {{ .name }}
        items: [{key: {{ .key }}, path: ca.crt}]
    {{- end }}
    {{- end }}
{{- end }}
